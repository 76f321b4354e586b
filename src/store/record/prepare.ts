/** From drafts and the units found for them to rows to write, or to rejections. Pure. */
import type { Principal } from '../../dialects/dialect.ts';
import type { RecordResult } from '../../dialects/hub-port.ts';
import type { EventDraft, RecordedEvent } from '../../events/event.ts';
import { bucketOf, referenceKey } from '../../events/identifiers.ts';
import { mayMove } from '../../events/leaving.ts';
import {
  choosePassage,
  type PassageTimes,
  travelsUnder,
  withOccurrence,
} from '../../events/passages.ts';
import type { OriginalTime } from '../../events/time.ts';
import { fingerprintUuid } from '../../lib/hash.ts';
import { bucketOfId, timeOfId } from '../../lib/id.ts';
import { contentText as eventContentText } from '../rows.ts';
import { toldTo, wishedBy } from './match.ts';
import type { UnitQuestion, VisibleUnit } from './resolve-units.ts';
import type { UnitFacts } from './unit-facts.ts';
import type { Subscribed } from './wishes.ts';
import type { EventRow } from './write-events.ts';

/** A draft with who sent it, as it waits in the queue. */
export interface Waiting {
  readonly principal: Principal;
  readonly draft: EventDraft;
  /** Of the request, where that was traced. */
  readonly traceparent: string | undefined;
}

/** Whether its unit is all that has to be known: it corrects nothing, and speaks for nobody else. */
export function isPlain({ principal, draft }: Waiting): boolean {
  if (draft.replaces !== undefined || draft.retracts !== undefined) return false;
  return principal.organization !== undefined || draft.source.organization === undefined;
}

/** A draft that will be written. */
export interface Prepared {
  readonly row: EventRow;
  readonly waiting: Waiting;
  /** What the row relies on. */
  readonly facts: Subject;
  /** Who is told, by what is known. */
  readonly matches: readonly Subscribed[];
  /** The event as it will be known. */
  readonly event: () => RecordedEvent;
  /** The unit whose leaving this event may tell or take back, where subscriptions wait for it. */
  readonly leaving: string | undefined;
  /** Of the request that told it, where that was traced. */
  readonly traceparent: string | undefined;
}

export type Rejection = Extract<RecordResult, { status: 'rejected' }>;

export function questionOf({ principal, draft }: Waiting): UnitQuestion {
  const { organization } = principal;
  const { id, reference, spi } = draft.unit;
  if (id !== undefined) return { organization, id, bucket: bucketOfId(id) ?? -1 };
  if (reference === undefined) return { organization, ...(spi === undefined ? {} : { spi }) };
  const key = referenceKey(reference);
  const base = { organization, referenceKey: key, bucket: bucketOf(key) };
  return spi === undefined ? base : { ...base, spi };
}

export const unstorable: Rejection = {
  status: 'rejected',
  code: 'invalid-input',
  issue: { path: '', message: 'this event cannot be stored', rule: 'storable' },
};

function reject(code: Rejection['code'], path: string, message: string, rule: string): Rejection {
  return { status: 'rejected', code, issue: { path, message, rule } };
}

function unitPath(draft: EventDraft): string {
  if (draft.unit.id !== undefined) return 'unit.id';
  return draft.unit.reference === undefined ? 'unit.spi' : 'unit.reference';
}

export interface Known {
  /** By id, the events that are replaced or retracted. */
  readonly related: ReadonlyMap<string, RecordedEvent>;
  readonly organizations: ReadonlySet<string>;
  /** Of units whose reference names several passages; grows with each event that is judged. */
  readonly times: Map<string, PassageTimes>;
  /** Of drafts whose reference names several passages: the one that has an equal event already. */
  readonly toldOn: ReadonlyMap<Waiting, string>;
}

/** The event that a draft corrects, if it corrects one that exists. */
export function correctedBy(draft: EventDraft, related: Known['related']) {
  return related.get(draft.replaces ?? draft.retracts ?? '');
}

/** The operator sees everybody's units; where it speaks for one organization, it means that one's. */
function ownFirst(
  { principal, draft }: Waiting,
  visible: readonly VisibleUnit[],
): readonly VisibleUnit[] {
  if (principal.organization !== undefined) return visible;
  const own = visible.filter(({ organization }) => organization === draft.source.organization);
  return own.length > 0 ? own : visible;
}

/** The one passage meant, among those that are visible. */
function passageOf(
  waiting: Waiting,
  visible: readonly VisibleUnit[],
  { times, related, toldOn }: Known,
): VisibleUnit | undefined {
  const { draft } = waiting;
  if (visible.length <= 1) return noted(draft, visible[0], times);
  // A correction belongs where the corrected event is, whatever the time it gives.
  const corrected = correctedBy(draft, related)?.unit.id;
  const own = visible.find((unit) => unit.id === corrected);
  if (own !== undefined) return own;
  const documents = draft.documents ?? [];
  const meant = ownFirst(waiting, visible);
  const named = meant.filter((unit) => travelsUnder(unit, documents));
  // What is told again belongs where it was told first, whatever has begun since.
  const again = (named.length > 0 ? named : meant).find(({ id }) => id === toldOn.get(waiting));
  if (again !== undefined) return again;
  const occurrence = { occurredAtMs: draft.occurredAt.epochMs, documents };
  const passages = meant.map((unit) => ({
    id: unit.id,
    documents: unit.documents,
    createdAtMs: timeOfId(unit.id) ?? 0,
    times: times.get(unit.id),
    unit,
  }));
  return noted(draft, choosePassage(passages, occurrence)?.unit, times);
}

/** The next event of the same batch is judged as if this one were recorded already. */
function noted(
  { type, classifier, occurredAt }: EventDraft,
  unit: VisibleUnit | undefined,
  times: Known['times'],
): VisibleUnit | undefined {
  if (unit !== undefined && classifier === 'actual') {
    const occurrence = { type, occurredAtMs: occurredAt.epochMs };
    times.set(unit.id, withOccurrence(times.get(unit.id), occurrence));
  }
  return unit;
}

/** Only who told an event, or the unit's owner, may correct or withdraw it. */
function correctionFault(
  { principal, draft }: Waiting,
  unit: VisibleUnit,
  known: Known,
): Rejection | undefined {
  for (const member of ['replaces', 'retracts'] as const) {
    const id = draft[member];
    if (id === undefined) continue;
    const corrected = known.related.get(id);
    if (corrected?.unit.id !== unit.id) {
      return reject('invalid-input', member, 'no such event of this handling unit', 'known');
    }
    const { organization } = principal;
    const mayCorrect = [undefined, unit.organization, corrected.source.organization];
    if (!mayCorrect.includes(organization)) {
      return reject('forbidden', member, 'was told by another organization', 'entitled');
    }
  }
  return undefined;
}

/** The unit a draft is about, or why it cannot be recorded. */
export function judge(
  waiting: Waiting,
  visible: readonly VisibleUnit[],
  known: Known,
): VisibleUnit | Rejection {
  const { principal, draft } = waiting;
  const unit = passageOf(waiting, visible, known);
  if (unit === undefined) {
    return reject('unit-not-found', unitPath(draft), 'no such handling unit', 'known');
  }
  if (!unit.mayRegister) {
    return reject('forbidden', unitPath(draft), 'may be read but not added to', 'entitled');
  }
  const fault = correctionFault(waiting, unit, known);
  if (fault !== undefined) return fault;
  const speaker = draft.source.organization;
  if (principal.organization === undefined && speaker !== undefined) {
    if (!known.organizations.has(speaker)) {
      return reject('invalid-input', 'organization', 'no such organization', 'known');
    }
  }
  return unit;
}

/**
 * Same source, unit, type, classifier, time and place: the same event. What refines the type counts
 * as part of it: a message by SMS and one by e-mail in the same second are two events.
 */
export function duplicateKey(draft: EventDraft, organization: string, unitId: string): string {
  const { source, place } = draft;
  return fingerprintUuid([
    organization,
    source.dialect,
    source.code,
    unitId,
    draft.type,
    draft.additionalInfo,
    draft.channel,
    draft.classifier,
    draft.occurredAt.iso,
    place?.unlocode,
    place?.location,
    place?.name,
    place?.latitude,
    place?.longitude,
    draft.replaces,
    draft.retracts,
  ]);
}

/** Of the six fraction digits that `iso` has, `epochMs` holds the first three. */
function microsecondsOf({ epochMs, iso }: OriginalTime): number {
  return epochMs * 1000 + Number(iso.slice(23, 26));
}

/** The organization that an event is told by; the operator speaks for the owner by default. */
export function speakerOf({ principal, draft }: Waiting, unit: VisibleUnit): string {
  return principal.organization ?? draft.source.organization ?? unit.organization;
}

export interface PrepareGiven {
  readonly id: string;
  readonly recordedAtMs: number;
  /** Names of the dialects that cannot say the event. */
  readonly unsaidIn: (event: RecordedEvent) => readonly string[];
}

/** What is known of the draft's unit, and the event that it corrects. */
export interface Subject extends UnitFacts {
  readonly corrected?: RecordedEvent | undefined;
}

/** The row of an event and who is to be told of it. */
export function prepare(waiting: Waiting, subject: Subject, given: PrepareGiven): Prepared {
  const { draft, traceparent } = waiting;
  const { unit } = subject;
  let made: RecordedEvent | undefined;
  const event = (): RecordedEvent => {
    made ??= eventOf(waiting, subject, given);
    return made;
  };
  const wished = wishedBy({ draft, subject, nowMs: given.recordedAtMs });
  return {
    waiting,
    facts: subject,
    event,
    traceparent,
    row: rowOf(waiting, subject, given),
    matches: wished.length === 0 ? wished : toldTo(wished, given.unsaidIn(event())),
    leaving: unit.isAwaited && mayMove(draft) ? unit.id : undefined,
  };
}

function rowOf(waiting: Waiting, { unit, contentText }: Subject, given: PrepareGiven): EventRow {
  const { draft, traceparent } = waiting;
  const organization = speakerOf(waiting, unit);
  return {
    bucket: unit.bucket,
    id: given.id,
    key: duplicateKey(draft, organization, unit.id),
    unit: unit.id,
    type: draft.type,
    classifier: draft.classifier,
    occurredAtUs: microsecondsOf(draft.occurredAt),
    recordedAtMs: given.recordedAtMs,
    organization,
    dialect: draft.source.dialect,
    code: draft.source.code ?? null,
    replaces: draft.replaces ?? null,
    retracts: draft.retracts ?? null,
    content: eventContentText(draft, contentText),
    received: draft.received,
    traceparent: traceparent ?? null,
  };
}

/** A lane keeps an event while its endpoint is away: the fragment stays in the table alone. */
function eventOf(waiting: Waiting, subject: Subject, given: PrepareGiven): RecordedEvent {
  const { received: _, ...facts } = waiting.draft;
  const { unit, snapshot, sourceName } = subject;
  const { id, recordedAtMs } = given;
  const organization = speakerOf(waiting, unit);
  const { dialect, code } = facts.source;
  const source = code === undefined ? { organization, dialect } : { organization, dialect, code };
  const event = { ...facts, id, unit: snapshot, recordedAtMs, source };
  return sourceName === undefined ? event : { ...event, sourceName };
}
