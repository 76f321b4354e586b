/**
 * Writes freight as it lies in the database of a hub that has run for a year: events in the order
 * of their recording, so that those of one unit lie apart, in a partition for each month.
 *
 * By statements of its own, several times as fast as recording. What recording keeps besides, to
 * drop duplicates and to deliver, is not written: no query reads it.
 */
import { parseInstant } from '../../src/events/time.ts';
import { aliasesOf } from '../../src/events/unit-aliases.ts';
import { createIdSource } from '../../src/lib/id.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { ensurePartitions } from '../../src/store/partitions.ts';
import { contentText, unitContentText } from '../../src/store/rows.ts';
import type { Chance } from './chance.ts';
import { type FreightUnit, happenings, yearMs } from './units.ts';

export interface FillGiven {
  readonly databaseUrl: string;
  readonly units: readonly FreightUnit[];
  /** Who tells the events. */
  readonly terminal: string;
  readonly nowMs: number;
  readonly chance: Chance;
  readonly signal: AbortSignal;
}

const rowsPerStatement = 2_000;
const statementsAtOnce = 2;
const monthsMore = 13;
/** One event in a hundred corrects the one before it. */
const correctionEvery = 100;
/** Between the rows of a column; no text here holds it. */
const separator = '\x1f';

/** Resolves when all of it is stored, vacuumed, analyzed and flushed. */
export async function fillWithFreight(given: FillGiven): Promise<void> {
  const database = openDatabase({
    connectionString: given.databaseUrl,
    connectionsMax: statementsAtOnce + 1,
    onError: () => undefined,
  });
  try {
    const firstMs = given.nowMs - yearMs;
    await ensurePartitions({ database, nowMs: () => firstMs, monthsAhead: monthsMore });
    await inBatches(given, given.units, (units) => writeUnits(database, units));
    await inBatches(given, eventsInOrder(given), (events) => writeEvents(database, events));
    await database.query('vacuum (analyze)');
    await database.query('checkpoint');
  } finally {
    await database.close();
  }
}

async function inBatches<T>(
  { signal }: FillGiven,
  items: Iterable<T>,
  write: (batch: T[]) => Promise<unknown>,
): Promise<void> {
  const running = new Set<Promise<unknown>>();
  let batch: T[] = [];
  const send = async () => {
    signal.throwIfAborted();
    if (running.size >= statementsAtOnce) await Promise.race(running);
    const sent: Promise<unknown> = write(batch).finally(() => running.delete(sent));
    running.add(sent);
    batch = [];
  };
  for (const item of items) {
    batch.push(item);
    if (batch.length === rowsPerStatement) await send();
  }
  if (batch.length > 0) await send();
  await Promise.all(running);
}

/* ---- units ------------------------------------------------------------------------------------ */

/** One statement for a unit and what hangs on it, as booking leaves it. */
const insertUnits = {
  name: 'bench-units',
  text: `
with input as materialized (
  select (u ->> 'bucket')::smallint as bucket, (u ->> 'id')::uuid as id, u,
    to_timestamp((u ->> 'createdAtMs')::bigint / 1000.0) as at
  from json_array_elements($1::json) u
), booked as (
  insert into units (bucket, id, organization_id, reference, reference_key, spi, freight_family,
    customs_flag, details, created_at, updated_at)
  select bucket, id, (u ->> 'organization')::uuid, u ->> 'reference', u ->> 'reference', u ->> 'spi',
    u ->> 'freightFamily', u ->> 'customsFlag', (u -> 'details')::jsonb, at, at
  from input
), parties as (
  insert into unit_parties (bucket, unit_id, organization_id, role, may_register)
  select bucket, id, (u ->> 'organization')::uuid, 'owner', true from input
  union all
  select bucket, id, (p ->> 'organization')::uuid, p ->> 'role', true
  from input, json_array_elements(u -> 'parties') p
), documents as (
  insert into unit_documents (bucket, unit_id, type, reference)
  select bucket, id, d ->> 'type', d ->> 'reference'
  from input, json_array_elements(u -> 'documents') d
), aliases as (
  insert into unit_aliases (bucket, unit_id, kind, value)
  select bucket, id, a ->> 'kind', a ->> 'value' from input, json_array_elements(u -> 'aliases') a
)
insert into unit_versions (bucket, unit_id, recorded_at, number, content)
select bucket, id, at, 1, jsonb_build_object('reference', u -> 'reference', 'spi', u -> 'spi',
  'freightFamily', u -> 'freightFamily', 'customsFlag', u -> 'customsFlag', 'details', u -> 'details',
  'documents', u -> 'documents', 'parties', u -> 'parties')
from input`,
};

function writeUnits(database: Database, units: readonly FreightUnit[]): Promise<unknown> {
  const rows = units.map((unit) => ({ ...unit, aliases: aliasesOf(unit.details) }));
  return database.query(insertUnits, [JSON.stringify(rows)]);
}

/* ---- events ----------------------------------------------------------------------------------- */

interface Event {
  readonly unit: FreightUnit;
  readonly columns: readonly (string | number)[];
}

/** Each unit's events at random moments of its stay, those of all units by time. */
function* eventsInOrder(given: FillGiven): Generator<Event> {
  const { units, terminal, chance } = given;
  const moments = units.flatMap((unit, at) =>
    Array.from({ length: unit.eventCount }, () => ({
      at,
      ms: Math.floor(unit.fromMs + chance.share() * (unit.toMs - unit.fromMs)),
    })),
  );
  moments.sort((one, other) => one.ms - other.ms);
  let nowMs = 0;
  const random = (bytes: Uint8Array) => void crypto.getRandomValues(bytes);
  const ids = createIdSource({ now: () => nowMs, random });
  const counts = new Uint16Array(units.length);
  const last = new Map<number, string>();
  let number = 0;
  for (const { at, ms } of moments) {
    const unit = units[at];
    if (unit === undefined) continue;
    nowMs = ms;
    number += 1;
    const id = ids.next(unit.bucket);
    const isCorrection = number % correctionEvery === 0;
    const replaces = isCorrection ? (last.get(at) ?? '') : '';
    const turn = counts[at] ?? 0;
    yield { unit, columns: columnsOf(unit, { id, ms, turn, replaces, terminal }) };
    counts[at] = turn + 1;
    last.set(at, id);
  }
}

interface Told {
  readonly id: string;
  readonly ms: number;
  readonly turn: number;
  readonly replaces: string;
  readonly terminal: string;
}

function columnsOf(unit: FreightUnit, { id, ms, turn, replaces, terminal }: Told): string[] {
  const words = happenings[unit.freightFamily];
  const type = words[turn % words.length] ?? 'other';
  const occurredAt = parseInstant(new Date(ms - 60_000).toISOString());
  if (!occurredAt.ok) throw new Error(occurredAt.message);
  const place = { unlocode: 'FRLEH', location: 'TDF', name: 'Terminal de France' };
  const body = {
    unit: { reference: unit.reference },
    type,
    occurredAt: occurredAt.value.text,
    place,
  };
  const facts = {
    mode: 1,
    way: 'in',
    vehicle: { id: '9360142', name: 'MSC EYRA' },
    full: true,
  } as const;
  const event = {
    ...facts,
    type,
    classifier: 'actual',
    occurredAt: occurredAt.value,
    place,
  } as const;
  return [
    String(unit.bucket),
    id,
    unit.id,
    type,
    occurredAt.value.iso,
    new Date(ms).toISOString(),
    terminal,
    replaces,
    contentText(event, unitContentText(unit, 'Terminal')),
    JSON.stringify({ ...body, ...facts }),
  ];
}

const types = 'smallint uuid uuid text timestamptz timestamptz uuid uuid json text'.split(' ');
const column = (type: string, at: number) => `string_to_array($${at + 1}, E'\\x1f', '')::${type}[]`;

const insertEvents = {
  name: 'bench-events',
  text: `
insert into events (bucket, id, unit_id, type, classifier, occurred_at, recorded_at,
  organization_id, dialect, replaces, content, received)
select bucket, id, unit, type, 'actual', occurred_at, recorded_at, organization, 'hub', replaces,
  content, received
from unnest(${types.map(column).join(', ')})
  as e (bucket, id, unit, type, occurred_at, recorded_at, organization, replaces, content, received)`,
};

function writeEvents(database: Database, events: readonly Event[]): Promise<unknown> {
  const values = types.map((_, at) => events.map(({ columns }) => columns[at]).join(separator));
  return database.query(insertEvents, values);
}
