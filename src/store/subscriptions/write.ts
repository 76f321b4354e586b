/**
 * The changes of a subscription's row. Each names only the columns it means, so that a state set
 * by delivery at the same time is not written over with an old one. None touches a subscription
 * that has ended meanwhile.
 */
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';
import type { Matching } from './rules.ts';

/**
 * A later version than the last, also within one millisecond and when the clock stepped back:
 * processes tell by `updated_at` whether they hold the newest. `now` is a placeholder.
 */
export function nextVersion(now: string): string {
  return `greatest(${now}::timestamptz, updated_at + interval '1 microsecond')`;
}

// One that is being filled is not changed either: update.ts refuses it.
const alive = `state in ('active', 'paused', 'disabled')`;

// With another address or wish it is no longer what the first request asked for, so it is not the
// answer to that request any more: same_as_sha256 is dropped.
const address = {
  name: 'subscription-address',
  text: `update subscriptions set endpoint_id = $2, url = $3, same_as_sha256 = null,
      updated_at = ${nextVersion('$4')}
    where id = $1 and ${alive}`,
};

const filter = {
  name: 'subscription-filter',
  text: `update subscriptions set filter = $2::jsonb, match_key = $3, required_tags = $4,
      any_type = $5, same_as_sha256 = null,
      updated_at = ${nextVersion('$6')}
    where id = $1 and ${alive}`,
};

// Also where nothing else of the row changes: the limits of its endpoint were.
const notices = {
  name: 'subscription-notices',
  text: `update subscriptions set notices = coalesce($2, notices),
      updated_at = ${nextVersion('$3')}
    where id = $1 and ${alive}`,
};

const state = {
  name: 'subscription-state',
  text: `update subscriptions set state = $2, state_reason = null,
      updated_at = ${nextVersion('$3')}
    where id = $1 and ${alive}`,
};

export async function writeAddress(
  database: Database,
  given: { id: string; endpointId: string; url: string; nowMs: number },
): Promise<void> {
  const { id, endpointId, url, nowMs } = given;
  await database.query(address, [id, endpointId, url, timestamp(nowMs)]);
}

export async function writeFilter(
  database: Database,
  { id, matching, nowMs }: { id: string; matching: Matching; nowMs: number },
): Promise<void> {
  const { matchKey, requiredTags, anyType } = matching;
  const values = [id, matching.filter, matchKey, requiredTags, anyType, timestamp(nowMs)];
  await database.query(filter, values);
}

/** Without `notices` it only gets a new version. */
export async function writeNotices(
  database: Database,
  given: { id: string; notices: boolean | undefined; nowMs: number },
): Promise<void> {
  const { id, notices: wish, nowMs } = given;
  await database.query(notices, [id, wish ?? null, timestamp(nowMs)]);
}

export async function writeState(
  database: Database,
  given: { id: string; state: 'active' | 'paused'; nowMs: number },
): Promise<void> {
  await database.query(state, [given.id, given.state, timestamp(given.nowMs)]);
}
