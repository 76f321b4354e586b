/** A new subscription and its counter, in one statement. */
import type { NewSubscription } from '../../dialects/hub-port.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';
import { aliveStates } from './alive.ts';
import type { Matching } from './rules.ts';

export interface SubscriptionToInsert {
  readonly id: string;
  readonly organization: string;
  readonly endpointId: string;
  readonly given: NewSubscription;
  readonly matching: Matching;
  readonly sameAsSha256: Buffer | null;
  readonly secretSealed: string;
  readonly nowMs: number;
}

/*
 * A partner-style id is never cut: lpad alone would, once the numbers outgrow their digits. The
 * conflict clause repeats the predicate of subscriptions_same_as, so an equal request that is being
 * made at this moment is waited for, and is no error that would end the transaction.
 */
const statement = {
  name: 'subscription-insert',
  text: `with number as (
      select case when $4::text is null then null else nextval('subscription_numbers')::text end as n
    ), made as (
      insert into subscriptions (id, organization_id, dialect, external_id, endpoint_id, url, state,
        filter, match_key, required_tags, any_type, settings, same_as_sha256, secret_sealed,
        created_at, updated_at, expires_at, leaving_unit_id, ends_after_leaving_ms, since,
        notices)
      select $1, $2, $3, $4::text || lpad(n, greatest($5::int, length(n)), '0'), $6, $7,
        case when $19::timestamptz is null then 'active' else 'filling' end,
        $8::jsonb, $9, $10::text[], $11::text[], $12::jsonb, $13::bytea, $14,
        $15::timestamptz, $15::timestamptz, $16::timestamptz, $17::uuid, $18::bigint,
        $19::timestamptz, $20::boolean
      from number
      on conflict (organization_id, dialect, same_as_sha256)
        where same_as_sha256 is not null and state in ${aliveStates}
        do nothing
      returning id
    )
    insert into subscription_sequences (subscription_id, last_sequence)
    select id, 0 from made
    returning subscription_id`,
};

/** False when there is an equal live one. */
export async function insertSubscription(
  database: Database,
  { given, matching, ...row }: SubscriptionToInsert,
): Promise<boolean> {
  const { externalId, expiresAtMs, endsAfterLeaving, sinceMs } = given;
  const rows = await database.query(statement, [
    row.id,
    row.organization,
    given.dialect,
    externalId?.prefix ?? null,
    externalId?.digits ?? 0,
    row.endpointId,
    given.url,
    matching.filter,
    matching.matchKey,
    matching.requiredTags,
    matching.anyType,
    JSON.stringify(given.settings ?? {}),
    row.sameAsSha256,
    row.secretSealed,
    timestamp(row.nowMs),
    expiresAtMs === undefined ? null : timestamp(expiresAtMs),
    endsAfterLeaving?.unit ?? null,
    endsAfterLeaving?.afterMs ?? null,
    sinceMs === undefined ? null : timestamp(sinceMs),
    given.notices === true,
  ]);
  return rows.length > 0;
}
