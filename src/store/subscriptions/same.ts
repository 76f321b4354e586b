/** The live subscription of an organization and dialect that means the same as a new request. */
import type { Database } from '../database.ts';
import { timestamp } from '../placeholders.ts';
import { aliveStates } from './alive.ts';
import { nextVersion } from './write.ts';

export interface Same {
  readonly organization: string;
  readonly dialect: string;
  /** Of the text that requests meaning the same share. */
  readonly sha256: Buffer;
}

// Both by the partial unique index subscriptions_same_as; the list of states must be its own.
const live = `organization_id = $1 and dialect = $2 and same_as_sha256 = $3
  and state in ${aliveStates}`;

const find = { name: 'subscription-same-find', text: `select id from subscriptions where ${live}` };

const expire = {
  name: 'subscription-same-expire',
  text: `update subscriptions set state = 'expired', updated_at = ${nextVersion('$4')}
    where ${live} and expires_at <= $4::timestamptz`,
};

export async function findSame(database: Database, same: Same): Promise<string | undefined> {
  const [row] = await database.query<{ id: string }>(find, valuesOf(same));
  return row?.id;
}

/** One whose time is over must not stand in the way, even if nobody has noticed it yet. */
export async function expireSame(database: Database, same: Same, nowMs: number): Promise<void> {
  await database.query(expire, [...valuesOf(same), timestamp(nowMs)]);
}

function valuesOf({ organization, dialect, sha256 }: Same): unknown[] {
  return [organization, dialect, sha256];
}
