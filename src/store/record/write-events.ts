/** Writes a batch of events with their deliveries, or nothing of it: write-statements.ts. */
import type { Matchable } from '../../events/subscription.ts';
import {
  bigintArray,
  booleanArray,
  integerArray,
  smallintArray,
  textArray,
  uuidArray,
} from '../arrays.ts';
import { type CompositeRows, createCompositeRows } from '../composite-rows.ts';
import type { Database, Statement } from '../database.ts';
import {
  writeMatching as writeMatchingEvents,
  writeTold,
  writeUntold,
} from './write-statements.ts';

export interface EventRow {
  readonly bucket: number;
  readonly id: string;
  readonly key: string;
  readonly unit: string;
  readonly type: string;
  readonly classifier: string;
  readonly occurredAtUs: number;
  readonly recordedAtMs: number;
  readonly organization: string;
  readonly dialect: string;
  readonly code: string | null;
  readonly replaces: string | null;
  readonly retracts: string | null;
  /** JSON. */
  readonly content: string;
  readonly received: string;
  /** Of the request that told it, where that was traced. */
  readonly traceparent: string | null;
}

/** One row per delivery and per event that had been recorded before; none for the other events. */
export interface WrittenRow {
  readonly ord: number;
  /** Null: no delivery, an equal event had been recorded before. */
  readonly deliveryId: string | null;
  readonly endpointId: string;
  readonly position: number;
  readonly subscriptionId: string;
  readonly sequence: number;
  /** False while the subscription is paused, disabled or filling: kept for later. */
  readonly due: boolean;
}

/** By what the statement finds out whom an event concerns. */
export interface Matching extends Matchable {
  readonly matchKeys: readonly string[];
  /** Dialects that cannot say this event: nothing is delivered, no number is used up. */
  readonly unsaid: readonly string[];
}

/** What was known of a reference when a unit was looked up. */
export interface ReferenceVersion {
  readonly bucket: number;
  readonly referenceKey: string;
  readonly version: number;
}

/** What was known of an organization's subscriptions when they were read. */
export interface OrganizationVersion {
  readonly id: string;
  readonly version: number;
}

/** An event of the batch, by its place, and a subscription that is told of it. */
export interface Telling {
  readonly ord: number;
  readonly subscriptionId: string;
  readonly endpointId: string;
  readonly due: boolean;
}

interface ToWrite {
  readonly rows: readonly EventRow[];
  /** Of every reference that the rows rely on. */
  readonly references: readonly ReferenceVersion[];
  /** The hub's clock as ISO text. */
  readonly now: string;
}

export interface EventsToWrite extends ToWrite {
  readonly tellings: readonly Telling[];
  /** Of every organization whose wishes the tellings, or that there are none, rely on. */
  readonly organizations: readonly OrganizationVersion[];
}

export interface EventsToMatch extends ToWrite {
  /** One for each row. */
  readonly matchings: readonly Matching[];
}

/** What was known counts no more, and nothing was written. */
export interface Stale {
  /** Places of the references that were booked anew; none: only wishes have changed. */
  readonly staleReferences: ReadonlySet<number>;
}

export type Written = readonly WrittenRow[] | Stale;

export function isStale(written: Written): written is Stale {
  return 'staleReferences' in written;
}

export interface EventWriter {
  readonly write: (given: EventsToWrite) => Promise<Written>;
  /** Finds out by itself whom the events concern. Dearer; it relies on no organization's version. */
  readonly match: (given: EventsToMatch) => Promise<Written>;
}

/** Writes batches of events into one database. */
export function createEventWriter(database: Database): EventWriter {
  const toWrite = createInput(database, 'event_input_2', 17);
  const toMatch = createInput(database, 'event_input_1', 21);

  async function ask(statement: Statement, values: readonly unknown[]): Promise<Written> {
    const rows = await database.queryInOrder<
      WrittenRow & { readonly stale: readonly number[] | null }
    >(statement, values);
    const stale = rows[0]?.stale ?? [];
    if (stale.length === 0) return rows;
    return { staleReferences: new Set(stale.flatMap((place) => (place > 0 ? [place - 1] : []))) };
  }

  return {
    async write({ rows, references, organizations, tellings, now }) {
      const input = await toWrite((to) => {
        for (const [ord, row] of rows.entries()) {
          writeFacts(to, row, ord);
          to.text(row.traceparent);
        }
      });
      const values = [input, ...referenceValues(references), ...organizationValues(organizations)];
      if (tellings.length === 0) return ask(writeUntold, values);
      return ask(writeTold, [...values, ...tellingValues(tellings), now]);
    },
    async match({ rows, matchings, references, now }) {
      const input = await toMatch((to) => {
        for (const [ord, row] of rows.entries()) {
          writeFacts(to, row, ord);
          writeMatching(to, matchings[ord]);
          to.text(row.traceparent);
        }
      });
      return ask(writeMatchingEvents, [input, ...referenceValues(references), now]);
    },
  };
}

function writeFacts(to: CompositeRows, row: EventRow, ord: number): void {
  to.row();
  to.integer(ord);
  to.smallint(row.bucket);
  to.uuid(row.id);
  to.uuid(row.key);
  to.uuid(row.unit);
  to.text(row.type);
  to.text(row.classifier);
  to.timestamp(row.occurredAtUs);
  to.timestamp(row.recordedAtMs * 1000);
  to.uuid(row.organization);
  to.text(row.dialect);
  to.text(row.code);
  to.uuid(row.replaces);
  to.uuid(row.retracts);
  to.json(row.content);
  to.text(row.received);
}

function writeMatching(to: CompositeRows, matching: Matching | undefined): void {
  to.texts(matching?.matchKeys ?? []);
  to.texts(matching?.types ?? []);
  to.texts(matching?.tags ?? []);
  to.texts(matching?.unsaid ?? []);
}

function referenceValues(references: readonly ReferenceVersion[]): Buffer[] {
  return [
    smallintArray(references, ({ bucket }) => bucket),
    textArray(references, ({ referenceKey }) => referenceKey),
    bigintArray(references, ({ version }) => version),
  ];
}

function organizationValues(organizations: readonly OrganizationVersion[]): Buffer[] {
  return [
    uuidArray(organizations, ({ id }) => id),
    bigintArray(organizations, ({ version }) => version),
  ];
}

function tellingValues(tellings: readonly Telling[]): Buffer[] {
  return [
    integerArray(tellings, ({ ord }) => ord),
    uuidArray(tellings, ({ subscriptionId }) => subscriptionId),
    uuidArray(tellings, ({ endpointId }) => endpointId),
    booleanArray(tellings, ({ due }) => due),
  ];
}

/** Makes the parameter for rows of a composite type; its oid in this database is asked for once. */
function createInput(database: Database, type: string, columnCount: number) {
  let oid: number | undefined;
  return async (write: (to: CompositeRows) => void): Promise<Buffer> => {
    if (oid === undefined) {
      const sql = 'select to_regtype($1)::oid::int as oid';
      const [row] = await database.query<{ oid: number | null }>(sql, [type]);
      if (row?.oid === null || row === undefined)
        throw new Error(`no type ${type} in the database`);
      oid = row.oid;
    }
    const rows = createCompositeRows(columnCount);
    write(rows);
    return rows.done(oid);
  };
}

const knownStatement = {
  name: 'known-events',
  text: `
select k.bucket, k.key, k.event_id as id
from unnest($1::smallint[], $2::uuid[]) as a (bucket, key)
join event_keys k on k.bucket = a.bucket and k.key = a.key`,
};

/** Ids of events that were recorded before, by their duplicate key. */
export async function knownEvents(
  database: Database,
  keys: readonly { readonly bucket: number; readonly key: string }[],
): Promise<ReadonlyMap<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await database.query<{ key: string; id: string }>(knownStatement, [
    keys.map((key) => key.bucket),
    keys.map((key) => key.key),
  ]);
  return new Map(rows.map((row) => [row.key, row.id]));
}
