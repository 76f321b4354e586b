/** Connections to PostgreSQL: the pool of all, and one for statements that follow each other without a pause. */
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';

const sessionEndMsMax = 1_000;
const briefly = () => setTimeout(sessionEndMsMax, undefined, { ref: false });

/**
 * Tables whose rows come and go are empty at one moment and full at the next, and what the planner
 * knows of them is a minute old. No statement of ours gains by reading one from end to end. Before
 * PostgreSQL 18 a small table that has to be read so counts as so dear that compiling looks worth it.
 */
const planning = 'set enable_seqscan = off; set jit = off';

export interface DatabaseOptions {
  readonly connectionString: string;
  /** Of the pool; `queryInOrder` takes one more. */
  readonly connectionsMax: number;
  /** Called once for each connection that breaks, in use or not. */
  readonly onError: (error: Error) => void;
  /** How long a statement waits for a connection, new or free; 10 s when not given. */
  readonly connectTimeoutMs?: number;
  /** A transaction that does nothing for so long is ended by PostgreSQL; 30 s when not given. */
  readonly idleInTransactionMsMax?: number;
}

export function openPool(options: DatabaseOptions, given: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    application_name: 'portolan',
    // A connection that is closed forgets its prepared statements.
    idleTimeoutMillis: 300_000,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
    // A server that vanishes without a word would keep a statement waiting for ever.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // A process that hangs must not hold locks and old row versions for the others.
    idle_in_transaction_session_timeout: options.idleInTransactionMsMax ?? 30_000,
    onConnect: (client) => client.query(planning),
    ...given,
  });
  // The pool itself hears idle connections only; the unheard error of one in use would end the
  // process. A broken connection may complain more than once.
  pool.on('connect', (client) => {
    client.once('error', options.onError);
    client.on('error', () => undefined);
  });
  pool.on('error', () => undefined);
  return pool;
}

/** The SQLSTATE of a database error, if it is one. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** Said of a statement and its values; whatever else goes wrong may lie with the session. */
const statementStates = /^(22|23|40)/;

export interface Ordered {
  readonly query: <Row extends pg.QueryResultRow>(
    config: pg.QueryConfig,
  ) => Promise<pg.QueryResult<Row>>;
  /** Connections that are open. */
  readonly open: () => number;
  /** Waits for what was sent, a second at most. */
  readonly close: () => Promise<void>;
}

/** The one connection of `queryInOrder`: taken from a pool of its own, and kept while it is sound. */
export function createOrdered(options: DatabaseOptions): Ordered {
  const pool = openPool(options, { max: 1, pipeline: true });
  let held: Promise<pg.PoolClient> | undefined;
  let holding: pg.PoolClient | undefined;

  /** What was sent by it is still answered; what comes next takes a new one. */
  function letGo(client: pg.PoolClient): void {
    if (client !== holding) return;
    holding = undefined;
    held = undefined;
    client.release(true);
  }

  async function take(): Promise<pg.PoolClient> {
    try {
      const client = await pool.connect();
      holding = client;
      // At once, not when its socket is closed: the next statement may come before.
      client.once('error', () => letGo(client)).once('end', () => letGo(client));
      return client;
    } catch (error) {
      held = undefined;
      throw error;
    }
  }

  return {
    open: () => pool.totalCount,
    async query(config) {
      held ??= take();
      const client = await held;
      try {
        return await client.query(config);
      } catch (error) {
        if (!statementStates.test(sqlState(error) ?? '')) letGo(client);
        throw error;
      }
    },
    async close() {
      const client = await Promise.race([held?.catch(() => undefined), briefly()]);
      if (client !== undefined) await Promise.race([client.end(), briefly()]);
      // A client that cannot end, because its server says nothing, is waited for no longer.
      await Promise.race([closePool(pool), briefly()]);
    },
  };
}

/**
 * The pool's own end does not wait until its sessions are over. A server that is stopped then ends
 * them its own way, and each would be told as a connection lost. At most a second: it may be gone.
 */
export async function closePool(pool: pg.Pool): Promise<void> {
  let left = pool.totalCount;
  const over = new Promise<void>((resolve) => {
    if (left === 0) resolve();
    pool.on('remove', () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
  await pool.end();
  await Promise.race([over, briefly()]);
}
