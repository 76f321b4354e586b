/**
 * Who owns which bucket: the statements behind src/delivery/ownership.ts.
 *
 * All of them run on one connection, which also hears what other processes tell and holds an
 * advisory lock made from the process's id. PostgreSQL frees that lock when the connection ends. A
 * connection ends with its process, but not only then: a process that lives may lose it, have sends
 * under way, and be back in a moment. So a free lock says that a process may be dead. That it is, is
 * certain when its lease has run out, or when the machine they share says that it has ended.
 *
 * The lock is shared: a process that has lost a connection takes it again on a new one while the
 * server still believes in the old one.
 */
import type { Notification, PoolClient } from 'pg';
import { nowhere, type ProcessPlace } from '../../lib/process-place.ts';
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
  /** Until its lease runs out, if it does not renew it. */
  readonly leftMs: number;
}

/** A process's place among the others. Every call fails once the connection is lost. */
export interface Membership {
  /** Enrolls the process, again if it was declared dead meanwhile, and prolongs its life sign. */
  readonly renew: (leaseMs: number) => Promise<void>;
  /** The other processes; dead ones are reported once, and their buckets are nobody's from then on. */
  readonly others: () => Promise<readonly OtherProcess[]>;
  readonly leases: () => Promise<readonly LeaseRow[]>;
  /**
   * Takes those whose epoch is still as given and whose owner is not enrolled, if we still are; the
   * ones taken, with their new epoch.
   */
  readonly claim: (free: readonly Lease[]) => Promise<readonly Lease[]>;
  readonly release: (buckets: readonly number[]) => Promise<void>;
  /** Gives up all buckets and the lock, and the connection to the pool. */
  readonly leave: () => Promise<void>;
  /** Closes the connection at once; the lock goes with it. */
  readonly abandon: () => void;
}

const lockKey = (id: string) => `hashtextextended('portolan process ' || ${id}::text, 0)`;

// It waits for those who try the lock at this moment: for the length of their statement.
const take = `select pg_advisory_lock_shared(${lockKey('$1')})`;

const enroll = `insert into processes (id, started_at, alive_until, place)
  values ($1, clock_timestamp(), clock_timestamp() + $2 * interval '1 millisecond', $3)
  on conflict (id) do update set alive_until = excluded.alive_until`;

interface OtherRow {
  readonly id: string;
  readonly place: string | null;
  readonly leftMs: number;
  readonly isUnlocked: boolean;
}

// A lock that can be taken is given back at the end of the statement.
const others = `select id, place,
    (extract(epoch from alive_until - clock_timestamp()) * 1000)::float8 as "leftMs",
    pg_try_advisory_xact_lock(${lockKey('id')}) as "isUnlocked"
  from processes where id <> $1`;

// One that has renewed since we asked lives. One that does so now waits for us, and reads its leases
// after that: it cannot believe in a bucket that is nobody's.
const bury = `with dead as (
    select id from processes
    where id = any ($1::uuid[]) and (alive_until <= clock_timestamp() or id = any ($2::uuid[]))
    order by id for update
  ), forgotten as (
    delete from processes p using dead where p.id = dead.id returning p.id
  ), freed as (
    update bucket_leases l set owner = null from forgotten where l.owner = forgotten.id
  )
  select id from forgotten`;

const forget = 'delete from processes where id = $1';

const leases = 'select bucket, owner, epoch from bucket_leases';

// An owner that enrolled after we asked who lives, and claimed before we asked for the leases, is
// unknown to us and alive. Dead ones are not enrolled any more, and neither are we when we come late.
const claim = `with me as (select id from processes where id = $1 for key share)
  update bucket_leases l set owner = me.id, epoch = l.epoch + 1
  from unnest($2::smallint[], $3::bigint[]) as f (bucket, epoch), me
  where l.bucket = f.bucket and l.epoch = f.epoch
    and not exists (select from processes p where p.id = l.owner)
  returning l.bucket, l.epoch`;

const release = `update bucket_leases set owner = null
  where owner = $1 and bucket = any ($2::smallint[])`;

const unlock = `select pg_advisory_unlock_shared(${lockKey('$1')})`;

const releaseAll = 'update bucket_leases set owner = null where owner = $1';

const channel = 'portolan_deliveries';

export interface JoinGiven {
  /** Absent: it can be told from no other that runs. */
  readonly place?: ProcessPlace | undefined;
  readonly onLost: (error: Error) => void;
  readonly onTold?: (message: string) => void;
}

/**
 * Takes the process's lock on a connection of its own. `onLost` is called once when that
 * connection breaks, `onTold` with each message.
 */
export async function joinProcesses(
  database: Database,
  id: string,
  { place = nowhere, onLost, onTold = () => undefined }: JoinGiven,
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
    await client.query(take, [id]);
    await client.query(`listen ${channel}`);
  } catch (error) {
    close(true);
    throw error;
  }
  return {
    ...statementsOf(client, id, place),
    async leave() {
      await client.query(releaseAll, [id]);
      await client.query(forget, [id]);
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

function statementsOf(client: PoolClient, id: string, place: ProcessPlace): Statements {
  return {
    async renew(leaseMs) {
      await client.query(enroll, [id, leaseMs, place.text ?? null]);
    },
    async others() {
      const { rows } = await client.query<OtherRow>(others, [id]);
      const ended = rows.filter((row) => row.isUnlocked && hasEnded(row, place));
      const dead = rows.filter((row) => row.leftMs <= 0 || ended.includes(row));
      const buried = dead.length === 0 ? [] : await buryAll(client, dead, ended);
      return rows.map((row) => ({
        id: row.id,
        isDead: buried.includes(row.id),
        leftMs: Math.max(0, row.leftMs),
      }));
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

const hasEnded = (row: OtherRow, place: ProcessPlace): boolean =>
  row.place !== null && place.hasEnded(row.place);

/** Those of them that are dead still. */
async function buryAll(
  client: PoolClient,
  dead: readonly OtherRow[],
  ended: readonly OtherRow[],
): Promise<readonly string[]> {
  const lists = [dead, ended].map((each) => each.map((row) => row.id));
  const { rows } = await client.query<{ id: string }>(bury, lists);
  return rows.map((row) => row.id);
}
