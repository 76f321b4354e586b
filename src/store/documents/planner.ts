/**
 * Gives units the stops of the documents that they travel under, as planned events, exactly once,
 * whichever of the two came first.
 *
 *   document kept, or unit booked ── one transaction ──▶ with a note that planning is due
 *   after its commit: look for the other side ─▶ record planned events ─▶ remove the note
 *
 * Both sides look after their own commit, so of two that come at once the later one sees the other.
 * Who gives a document waits for it only where a unit was booked before.
 * Both may see each other: an event that is there already is not recorded again, and of two at
 * the same moment the second is a duplicate. Whatever ends in between leaves the note, and
 * housekeeping does the work from it.
 */
import type { Principal } from '../../dialects/dialect.ts';
import type { Hub } from '../../dialects/hub-port.ts';
import { plannedDrafts } from '../../events/planned-stops.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { createBatches } from '../../lib/batches.ts';
import { bucketOfId, lowerBoundId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import {
  bookedOnes,
  documentsOfUnit,
  findPlans,
  type PlanDocument,
  plansOfUnit,
  unitsOfDocument,
} from './pairs.ts';
import { plannedBefore, plannedKey } from './planned-before.ts';
import { forgetPlans, notePlan, type PlanDue, readPlansDue } from './plans-due.ts';

export interface PlannerParts {
  readonly database: Database;
  readonly newId: (bucket: number) => string;
  readonly record: Hub['record'];
  readonly logger: { readonly warn: (details: object, message: string) => void };
}

type Booked = Pick<HandlingUnit, 'id' | 'documents'>;

export interface Planner {
  /** To be called in the transaction that books the unit; plans after its commit. */
  readonly unitBooked: (unit: Booked) => Promise<void>;
  /** The note to keep with new documents; undefined where they plan nothing. */
  readonly noteFor: (documents: readonly PlanDocument[]) => PlanDue | undefined;
  /** To be called after the commit of new documents with their note. Never rejects. */
  readonly documentsKept: (note: PlanDue, documents: readonly PlanDocument[]) => Promise<void>;
  /** Does what others left undone. */
  readonly resume: () => Promise<void>;
  /** Resolves when nothing is being planned and no note is being removed. */
  readonly idle: () => Promise<void>;
}

const unitsPerPage = 100;
const plansOfUnitMax = 500;
const draftsPerCall = 500;
const notesPerTurn = 100;
const notesForgottenMax = 1_000;
const listsPerLookUpMax = 16;
const listsWaitingMax = 1_000;

export function createPlanner(parts: PlannerParts): Planner {
  const { database, newId, logger } = parts;

  const warn = (error: unknown) => logger.warn({ err: error }, 'planned stops are recorded later');
  const done = createBatches<string, true>({
    async run(ids) {
      await forgetPlans(database, ids);
      return ids.map(() => true);
    },
    itemsPerBatchMax: notesForgottenMax,
    itemsWaitingMax: notesForgottenMax,
    full: () => new Error('more is planned than can be forgotten'),
  });

  const lookUps = createBatches<readonly PlanDocument[], readonly PlanDocument[]>({
    async run(lists) {
      const booked = new Set(await bookedOnes(database, lists.flat()));
      return lists.map((list) => list.filter((document) => booked.has(document)));
    },
    itemsPerBatchMax: listsPerLookUpMax,
    itemsWaitingMax: listsWaitingMax,
    full: () => new Error('more is planned than can be looked for'),
  });
  const running = new Set<Promise<void>>();

  /** A failure leaves the note, so nothing is lost: it is not the caller's fault. */
  async function tryTo(work: () => Promise<void>, note: PlanDue): Promise<void> {
    try {
      await work();
      // Nobody has to wait for that.
      done.add(note.id).catch(warn);
    } catch (error) {
      warn(error);
    }
  }

  function attempt(note: PlanDue, work: () => Promise<void>): Promise<void> {
    const attempted = tryTo(work, note).finally(() => running.delete(attempted));
    running.add(attempted);
    return attempted;
  }

  return {
    async unitBooked({ id, documents }) {
      if (documents.length === 0) return;
      const note = { id: newId(bucketOfId(id) ?? 0), documents: [], units: [id] };
      await notePlan(database, note);
      const plan = () => attempt(note, () => planUnit(parts, { id, documents }));
      if (!database.afterCommit(plan)) throw new Error('a unit is booked in a transaction');
    },
    noteFor(documents) {
      const planning = documents.filter(({ stops }) => stops.length > 0).map(({ id }) => id);
      const [first] = planning;
      if (first === undefined) return undefined;
      return { id: newId(bucketOfId(first) ?? 0), documents: planning, units: [] };
    },
    documentsKept: (note, documents) =>
      attempt(note, async () => {
        await planDocuments(parts, await lookUps.add(documents));
      }),
    async resume() {
      const notes = await readPlansDue(database, notesPerTurn);
      for (const note of notes) {
        await attempt(note, async () => {
          await planDocuments(parts, await findPlans(database, note.documents));
          for (const id of note.units) {
            await planUnit(parts, { id, documents: await documentsOfUnit(database, id) });
          }
        });
      }
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
      await done.idle();
    },
  };
}

interface Pair {
  readonly plan: PlanDocument;
  readonly unit: string;
}

async function planUnit(parts: PlannerParts, unit: Booked): Promise<void> {
  const plans = await plansOfUnit(parts.database, unit, plansOfUnitMax);
  await recordMissing(
    parts,
    plans.map((plan) => ({ plan, unit: unit.id })),
  );
}

async function planDocuments(
  parts: PlannerParts,
  documents: readonly PlanDocument[],
): Promise<void> {
  for (const plan of documents) {
    for (let after: string | undefined = lowerBoundId(0); after !== undefined; ) {
      const page = { after, limit: unitsPerPage };
      const units = await unitsOfDocument(parts.database, plan.id, page);
      await recordMissing(
        parts,
        units.map((unit) => ({ plan, unit })),
      );
      after = units.length === unitsPerPage ? units.at(-1) : undefined;
    }
  }
}

/**
 * What was planned before stays as it is, also where it was corrected or withdrawn since. Told by
 * the document's owner: one who may only read a unit plans nothing for it.
 */
async function recordMissing(parts: PlannerParts, pairs: readonly Pair[]): Promise<void> {
  if (pairs.length === 0) return;
  const before = await plannedBefore(parts.database, [...new Set(pairs.map(({ unit }) => unit))]);
  for (const organization of new Set(pairs.map(({ plan }) => plan.organization))) {
    const drafts = pairs
      .filter(({ plan }) => plan.organization === organization)
      .flatMap(({ plan, unit }) =>
        plannedDrafts(plan, unit).filter(({ additionalInfo = '' }) => {
          const name = { unit, organization, dialect: plan.dialect, name: additionalInfo };
          return !before.has(plannedKey(name));
        }),
      );
    for (let at = 0; at < drafts.length; at += draftsPerCall) {
      await parts.record(speakerOf(organization), drafts.slice(at, at + draftsPerCall));
    }
  }
}

function speakerOf(organization: string): Principal {
  return { kind: 'application', id: 'planner', organization, scopes: new Set() };
}
