/**
 * The endpoint of an organization and an address: one lane with one set of limits, however many
 * subscriptions use it.
 */
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';

export interface EndpointToFind {
  readonly organization: string;
  /** Normal form of the address. */
  readonly href: string;
  /** Used when there is none yet. */
  readonly newId: string;
  readonly nowMs: number;
}

const insert = {
  name: 'endpoint-insert',
  text: `insert into endpoints (id, organization_id, url, created_at) values ($1, $2, $3, $4)
    on conflict (organization_id, url) do nothing`,
};

const find = {
  name: 'endpoint-find',
  // A later statement than the insert, so it sees the row of whoever was faster.
  text: 'select id from endpoints where organization_id = $1 and url = $2',
};

const insertPosition = {
  name: 'endpoint-position-insert',
  text: `insert into endpoint_positions (endpoint_id, last_position) values ($1, 0)
    on conflict (endpoint_id) do nothing`,
};

/** Its id; made with its counter when new. Endpoints are never deleted. */
export async function ensureEndpoint(database: Database, given: EndpointToFind): Promise<string> {
  const { organization, href, newId, nowMs } = given;
  await database.query(insert, [newId, organization, href, timestamp(nowMs)]);
  const [row] = await database.query<{ id: string }>(find, [organization, href]);
  if (row === undefined) throw new Error('an endpoint that was just made is not there');
  await database.query(insertPosition, [row.id]);
  return row.id;
}

export interface LimitsToWrite {
  /** Absent: as it is; null: none. */
  readonly ratePerSecond?: number | null | undefined;
  readonly concurrency?: number | null | undefined;
}

const limits = {
  name: 'endpoint-limits',
  text: `update endpoints set
      rate_per_second = case when $2 then $3::real else rate_per_second end,
      sends_max = case when $4 then $5::smallint else sends_max end
    where id = $1`,
};

/**
 * To be called last in a transaction, whose other locks come before this one. The caller gives its
 * subscription a new version, by which processes notice.
 */
export async function writeLimits(
  database: Database,
  endpointId: string,
  { ratePerSecond, concurrency }: LimitsToWrite,
): Promise<void> {
  if (ratePerSecond === undefined && concurrency === undefined) return;
  await database.query(limits, [
    endpointId,
    ...[ratePerSecond !== undefined, ratePerSecond ?? null],
    ...[concurrency !== undefined, concurrency ?? null],
  ]);
}
