/**
 * Child program: the floor of record-batch. Writes events and their keys into the hub's own tables by one
 * INSERT of many rows per table and transaction, on a few connections, and does nothing else.
 */
import { createHash, randomFillSync, randomUUID } from 'node:crypto';
import pg from 'pg';
import { createIdSource } from '../../src/lib/id.ts';
import { openDatabase } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { ensurePartitions } from '../../src/store/partitions.ts';
import { serveCalls } from '../channel.ts';
import { bodies, referenceOf } from '../load/bodies.ts';
import { sharedMs } from '../receive/clock.ts';

const connectionString = process.env['DATABASE_URL'] ?? '';
const connectionsMax = 4;
const buckets = 256;
const ids = createIdSource({ now: Date.now, random: (bytes) => randomFillSync(bytes) });
const organization = randomUUID();
const unitIds: string[] = [];

const eventColumns = [
  ...['bucket', 'id', 'unit_id', 'type', 'classifier', 'occurred_at', 'recorded_at'],
  ...['organization_id', 'dialect', 'source_code', 'replaces', 'retracts', 'content', 'received'],
];
const keyColumns = ['bucket', 'key', 'event_id'];

/** `insert into … values ($1, …), …` with so many rows. */
function insertOf(table: string, columns: readonly string[], rows: number): string {
  const width = columns.length;
  const tuples = Array.from({ length: rows }, (_, row) => {
    const places = columns.map((_, column) => `$${row * width + column + 1}`);
    return `(${places.join()})`;
  });
  return `insert into ${table} (${columns.join()}) values ${tuples.join()}`;
}

/** The values of one event, as the hub stores it, and of its key. */
function rowOf(number: number, units: number): { event: unknown[]; key: unknown[] } {
  const received = bodies.event(number, units);
  const { unit, type, classifier, occurredAt, ...rest } = JSON.parse(received);
  const index = number % units;
  const bucket = index % buckets;
  unitIds[index] ??= ids.next(bucket);
  const unitId = unitIds[index];
  const id = ids.next(bucket);
  const moment = { epochMs: Date.parse(occurredAt), iso: occurredAt, text: occurredAt };
  const snapshot = { ...unit, freightFamily: 'Container', customsFlag: 'Import', documents: [] };
  const content = JSON.stringify({
    occurredAt: { ...moment, offsetMinutes: 0, fractionDigits: 3, precision: 'millisecond' },
    ...{ ...rest, unit: snapshot, sourceName: 'Port' },
  });
  const recordedAt = new Date().toISOString();
  const key = createHash('md5')
    .update(`${referenceOf(index)}${type}${occurredAt}`)
    .digest('hex');
  return {
    event: [
      ...[bucket, id, unitId, type, classifier, occurredAt, recordedAt, organization],
      ...['hub', type, null, null, content, received],
    ],
    key: [bucket, key, id],
  };
}

async function insertMany(pool: pg.Pool, rows: ReturnType<typeof rowOf>[]): Promise<void> {
  const client = await pool.connect();
  const write = (table: string, columns: readonly string[], values: unknown[]) =>
    client.query({
      name: `${table}-${rows.length}`,
      text: insertOf(table, columns, rows.length),
      values,
    });
  try {
    await client.query('begin');
    await write(
      'event_keys',
      keyColumns,
      rows.flatMap(({ key }) => key),
    );
    await write(
      'events',
      eventColumns,
      rows.flatMap(({ event }) => event),
    );
    await client.query('commit');
  } finally {
    client.release();
  }
}

async function open(): Promise<pg.Pool> {
  const database = openDatabase({ connectionString, connectionsMax: 1, onError: () => undefined });
  await migrate(database);
  await ensurePartitions({ database, nowMs: Date.now, monthsAhead: 1 });
  await database.close();
  return new pg.Pool({ connectionString, max: connectionsMax });
}

const opening = open();
let number = 0;

const calls = {
  /** Rows per second. */
  async insert(given: { seconds: number; size: number; units: number }): Promise<number> {
    const pool = await opening;
    const startMs = sharedMs();
    const endMs = startMs + given.seconds * 1_000;
    let written = 0;
    const work = async () => {
      while (sharedMs() < endMs) {
        const rows = Array.from({ length: given.size }, () => rowOf(number++, given.units));
        await insertMany(pool, rows);
        if (sharedMs() <= endMs) written += rows.length;
      }
    };
    await Promise.all(Array.from({ length: connectionsMax }, work));
    return written / given.seconds;
  },
};

export type InsertCalls = typeof calls;

serveCalls(calls);
