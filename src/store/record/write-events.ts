/** Writes a batch of events with their deliveries, or nothing of it: write-statements.ts. */
import { type CompositeRows, createCompositeRows } from '../composite-rows.ts';
import type { Database } from '../database.ts';
import { writeTold, writeUntold } from './write-statements.ts';

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

/** Members of `event_input_2`. */
const columnCount = 17;

function writeRow(to: CompositeRows, row: EventRow, ord: number): void {
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
  to.text(row.traceparent);
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

export interface EventsToWrite {
  readonly rows: readonly EventRow[];
  readonly tellings: readonly Telling[];
  /** Of every reference that the rows rely on. */
  readonly references: readonly ReferenceVersion[];
  /** Of every organization whose wishes the tellings, or that there are none, rely on. */
  readonly organizations: readonly OrganizationVersion[];
  /** The hub's clock as ISO text. */
  readonly now: string;
}

/** `stale`: what was known counts no more, and nothing was written. */
export type Written = readonly WrittenRow[] | 'stale';

/** Writes batches of events into one database. */
export function createEventWriter(database: Database): (given: EventsToWrite) => Promise<Written> {
  const typeOid = createTypeOid(database);
  return async (given) => {
    const { tellings } = given;
    const input = createCompositeRows(columnCount);
    for (const [ord, row] of given.rows.entries()) writeRow(input, row, ord);
    const oid = typeOid.known() ?? (await typeOid.ask());
    const values = [input.done(oid), ...versionValues(given)];
    if (tellings.length > 0) values.push(...tellingValues(tellings), given.now);
    const statement = tellings.length > 0 ? writeTold : writeUntold;
    const answers = await database.query<WrittenRow & { readonly isStale: boolean }>(
      statement,
      values,
    );
    return answers[0]?.isStale === true ? 'stale' : answers;
  };
}

function versionValues({ references, organizations }: EventsToWrite): unknown[] {
  return [
    references.map(({ bucket }) => bucket),
    references.map(({ referenceKey }) => referenceKey),
    references.map(({ version }) => version),
    organizations.map(({ id }) => id),
    organizations.map(({ version }) => version),
  ];
}

function tellingValues(tellings: readonly Telling[]): unknown[] {
  return [
    tellings.map(({ ord }) => ord),
    tellings.map(({ subscriptionId }) => subscriptionId),
    tellings.map(({ endpointId }) => endpointId),
    tellings.map(({ due }) => due),
  ];
}

/** The oid of `event_input_2` in this database, asked for once. */
function createTypeOid(database: Database) {
  let oid: number | undefined;
  return {
    known: () => oid,
    async ask(): Promise<number> {
      const sql = `select 'event_input_2'::regtype::oid::int as oid`;
      const [row] = await database.query<{ oid: number }>(sql);
      if (row === undefined) throw new Error('the database does not know event_input_2');
      oid = row.oid;
      return oid;
    },
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
