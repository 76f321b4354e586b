/** What tests of the store share: a clock that is set, ids, organizations, principals, events. */
import { randomFillSync, randomUUID } from 'node:crypto';
import type { Principal } from '../../src/dialects/dialect.ts';
import type { EventFacts, UnitSnapshot } from '../../src/events/event.ts';
import { Problem } from '../../src/events/problem.ts';
import { type OriginalTime, parseInstant } from '../../src/events/time.ts';
import { bucketOfId, createIdSource } from '../../src/lib/id.ts';
import { contentText, unitContentText } from '../../src/store/rows.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export const operator: Principal = { kind: 'operator', id: 'operator', scopes: new Set() };

export function memberOf(organization: string): Principal {
  return { kind: 'application', id: `app of ${organization}`, organization, scopes: new Set() };
}

export function timeOf(text: string): OriginalTime {
  const parsed = parseInstant(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.message}`);
  return parsed.value;
}

export interface StoreBench extends TestDatabase {
  /** Set it to move time; ids follow it too. */
  readonly clock: { nowMs: number };
  readonly nowMs: () => number;
  readonly newId: (bucket: number) => string;
  /** A new organization's id. */
  readonly organization: (name?: string) => Promise<string>;
  /** Writes an event as recording does, without duplicates check and deliveries; its id. */
  readonly event: (given: EventToWrite) => Promise<string>;
}

export interface EventToWrite {
  readonly unit: UnitSnapshot;
  readonly organization: string;
  readonly facts?: Partial<EventFacts>;
  readonly recordedAtMs?: number;
  readonly dialect?: string;
  readonly code?: string;
}

const insertEvent = `insert into events (bucket, id, unit_id, type, classifier, occurred_at,
    recorded_at, organization_id, dialect, source_code, replaces, retracts, content, received)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, '{}')`;

export async function createStoreBench(): Promise<StoreBench> {
  const made = await createTestDatabase();
  const { database } = made;
  const clock = { nowMs: Date.UTC(2026, 10, 20, 12) };
  const nowMs = () => clock.nowMs;
  const ids = createIdSource({ now: nowMs, random: (bytes) => void randomFillSync(bytes) });
  const newId = (bucket: number) => ids.next(bucket);

  async function organization(name = 'an organization'): Promise<string> {
    const id = newId(0);
    const at = new Date(clock.nowMs);
    await database.query('insert into organizations (id, name, created_at) values ($1, $2, $3)', [
      id,
      name,
      at,
    ]);
    return id;
  }

  async function event(given: EventToWrite): Promise<string> {
    const bucket = bucketOfId(given.unit.id);
    if (bucket === undefined) throw new Error(`not an id of the hub: ${given.unit.id}`);
    const id = newId(bucket);
    const facts: EventFacts = {
      type: 'gated-in',
      classifier: 'actual',
      occurredAt: timeOf(new Date(clock.nowMs).toISOString()),
      ...given.facts,
    };
    await database.query(insertEvent, [
      bucket,
      id,
      given.unit.id,
      facts.type,
      facts.classifier,
      facts.occurredAt.iso,
      new Date(given.recordedAtMs ?? clock.nowMs),
      given.organization,
      given.dialect ?? 'hub',
      given.code ?? null,
      facts.replaces ?? null,
      facts.retracts ?? null,
      contentText(facts, unitContentText(given.unit)),
    ]);
    return id;
  }

  return { ...made, clock, nowMs, newId, organization, event };
}

/** A well-formed id of the hub that nothing has. */
export function unknownId(): string {
  return randomUUID().replace(/^(.{14})./, '$17');
}

/** Of work that must be refused: the problem's code and the paths it names. */
export async function refusal(work: Promise<unknown>): Promise<{ code: string; paths: string[] }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Problem)) throw new Error(`not refused: ${String(error)}`);
  return { code: error.code, paths: (error.details.issues ?? []).map((issue) => issue.path) };
}
