/**
 * Who owns which bucket: the statements behind src/delivery/ownership.ts.
 *
 * All of them run on one connection that also holds an advisory lock made from the process's id, and
 * hears what other processes tell. PostgreSQL frees that lock when the connection ends, so whoever can take it knows at once that the
 * process is dead, without waiting for its lease to run out.
 */
import type { Notification, PoolClient } from 'pg';
import type { Database } from '../database.ts';

export interface Lease {
  readonly bucket: number;
  readonly epoch: number;
}

export interface LeaseRow extends Lease {
  readonly owner: string | null;
}

export interface OtherProcess {
  readonly id: string;
  readonly isDead: boolean;
}

/** A process's place among the others. Every call fails once the connection is lost. */
export interface Membership {
  /** Enrolls the process, again if it was declared dead meanwhile, and prolongs its life sign. */
  readonly renew: (leaseMs: number) => Promise<void>;
  /** The other processes; dead ones are reported once and then forgotten. */
  readonly others: () => Promise<readonly OtherProcess[]>;
  readonly leases: () => Promise<readonly LeaseRow[]>;
  /**
   * Takes those whose epoch is still as given and whose owner is not enrolled; the ones taken, with
   * their new epoch.
   */
  readonly claim: (free: readonly Lease[]) => Promise<readonly Lease[]>;
  readonly release: (buckets: readonly number[]) => Promise<void>;
  /** Gives up all buckets and the lock, and the connection to the pool. */
  readonly leave: () => Promise<void>;
  /** Closes the connection at once; the lock goes with it. */
  readonly abandon: () => void;
}

const lockKey = (id: string) => `hashtextextended('portolan process ' || ${id}::text, 0)`;

const take = `select pg_try_advisory_lock(${lockKey('$1')}) as taken`;

const enroll = `insert into processes (id, started_at, alive_until)
  values ($1, clock_timestamp(), clock_timestamp() + $2 * interval '1 millisecond')
  on conflict (id) do update set alive_until = excluded.alive_until`;

// A lock that can be taken is given back at the end of the statement.
const others = `select id,
    alive_until <= clock_timestamp() or pg_try_advisory_xact_lock(${lockKey('id')}) as "isDead"
  from processes where id <> $1`;

const forget = 'delete from processes where id = any ($1::uuid[])';

const leases = 'select bucket, owner, epoch from bucket_leases';

// An owner that enrolled after we asked who lives, and claimed before we asked for the leases, is
// unknown to us and alive. Dead ones are not enrolled any more.
const claim = `update bucket_leases l set owner = $1, epoch = l.epoch + 1
  from unnest($2::smallint[], $3::bigint[]) as f (bucket, epoch)
  where l.bucket = f.bucket and l.epoch = f.epoch
    and not exists (select from processes p where p.id = l.owner)
  returning l.bucket, l.epoch`;

const release = `update bucket_leases set owner = null
  where owner = $1 and bucket = any ($2::smallint[])`;

const unlock = `select pg_advisory_unlock(${lockKey('$1')})`;

const releaseAll = 'update bucket_leases set owner = null where owner = $1';

const channel = 'portolan_deliveries';

export interface Ears {
  readonly onLost: (error: Error) => void;
  readonly onTold?: (message: string) => void;
}

/**
 * Takes the process's lock on a connection of its own. `onLost` is called once when that
 * connection breaks, `onTold` with each message. Rejects when another process has the same id.
 */
export async function joinProcesses(
  database: Database,
  id: string,
  { onLost, onTold = () => undefined }: Ears,
): Promise<Membership> {
  const client = await database.connect();
  let isOpen = true;
  const close = (reason: Error | boolean): void => {
    if (!isOpen) return;
    isOpen = false;
    client.release(reason);
  };
  // It stays on a broken connection, which may complain more than once.
  const fail = (error: Error): void => {
    if (!isOpen) return;
    close(error);
    onLost(error);
  };
  const listen = (message: Notification): void => {
    if (message.channel === channel) onTold(message.payload ?? '');
  };
  client.on('error', fail);
  client.on('notification', listen);
  try {
    const { rows } = await client.query<{ taken: boolean }>(take, [id]);
    if (rows[0]?.taken !== true) throw new Error(`another process has the id ${id}`);
    await client.query(`listen ${channel}`);
  } catch (error) {
    close(true);
    throw error;
  }
  return {
    ...statementsOf(client, id),
    async leave() {
      await client.query(releaseAll, [id]);
      await client.query(forget, [[id]]);
      await client.query(unlock, [id]);
      await client.query(`unlisten ${channel}`);
      client.off('error', fail);
      client.off('notification', listen);
      close(false);
    },
    abandon: () => close(true),
  };
}

/** At most 8,000 bytes, to every process that has joined; a transaction of its own. */
export async function tellProcesses(database: Database, message: string): Promise<void> {
  await database.query('select pg_notify($1, $2)', [channel, message]);
}

type Statements = Omit<Membership, 'leave' | 'abandon'>;

function statementsOf(client: PoolClient, id: string): Statements {
  return {
    async renew(leaseMs) {
      await client.query(enroll, [id, leaseMs]);
    },
    async others() {
      const { rows } = await client.query<OtherProcess>(others, [id]);
      const dead = rows.filter((row) => row.isDead).map((row) => row.id);
      if (dead.length > 0) await client.query(forget, [dead]);
      return rows;
    },
    async leases() {
      return (await client.query<LeaseRow>(leases)).rows;
    },
    async claim(free) {
      const buckets = free.map((lease) => lease.bucket);
      const epochs = free.map((lease) => lease.epoch);
      return (await client.query<Lease>(claim, [id, buckets, epochs])).rows;
    },
    async release(buckets) {
      await client.query(release, [id, buckets]);
    },
  };
}
