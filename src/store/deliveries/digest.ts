/**
 * What a subscription was and will be sent, hour by hour, as a count and a hash that its receiver can
 * make from the webhook-ids that came. The hour is that of the id, not of the sending, so it never
 * changes; a delivery counts whatever has become of it, so an hour's figures do not either, once all
 * of it is recorded. Attempts play no part in it: they may be dropped long before.
 */
import type { Principal } from '../../dialects/dialect.ts';
import type { Digest, DigestHour } from '../../dialects/hub-port.ts';
import { lowerBoundId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { findSubscription } from '../subscriptions/get.ts';

const hourMs = 3_600_000;

/*
 * One range of deliveries_of_subscription and of deliveries_done_of_subscription per hour, in the
 * one partition that it lies in; neither reads a row of the tables where these are vacuumed.
 */
const text = `
select h.at as "startMs", d.count, d.waiting, d.sha256
from unnest($2::float8[], $3::uuid[], $4::uuid[]) as h (at, lower, upper)
cross join lateral (
  select count(*) as count, count(*) filter (where is_waiting) as waiting,
    encode(sha256(convert_to(string_agg(id::text || E'\\n', '' order by id), 'UTF8')), 'hex')
      as sha256
  from (
    select id, true as is_waiting from deliveries
    where subscription_id = $1 and id >= h.lower and id < h.upper
    union all
    select id, false from deliveries_done
    where subscription_id = $1 and id >= h.lower and id < h.upper
  ) told
) d
where d.count > 0
order by h.at`;

export interface DigestParts {
  readonly database: Database;
  readonly nowMs: () => number;
}

export interface DigestRequest {
  readonly subscriptionId: string;
  /** The hours that these two lie in, and those between; epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Undefined where there is no such subscription to be seen. Hours without deliveries are left out. */
export async function digestOf(
  { database, nowMs }: DigestParts,
  principal: Principal,
  { subscriptionId: id, fromMs, toMs }: DigestRequest,
): Promise<Digest | undefined> {
  const asOfMs = nowMs();
  const subscription = await findSubscription(database, principal, { id, nowMs: asOfMs });
  if (subscription === undefined) return undefined;
  const starts: number[] = [];
  const first = Math.max(0, Math.floor(fromMs / hourMs) * hourMs);
  for (let at = first; at <= Math.min(toMs, asOfMs); at += hourMs) starts.push(at);
  const hours = await database.query<DigestHour>(text, [
    subscription.id,
    starts,
    starts.map((at) => lowerBoundId(at)),
    starts.map((at) => lowerBoundId(at + hourMs)),
  ]);
  return { asOfMs, lastSequence: subscription.lastSequence, hours };
}
