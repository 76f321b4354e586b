/**
 * The one way to PostgreSQL: a pool, and transactions that the store's actions join by
 * themselves. Statements are plain SQL in the files beside this one, one file per action.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import {
  closePool,
  createOrdered,
  type DatabaseOptions,
  type Ordered,
  openPool,
  sqlState,
} from './pool.ts';
import { createVariantNames } from './variants.ts';

// bigint counters stay far below 2^53; as numbers they need no conversion anywhere.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export { type DatabaseOptions, sqlState } from './pool.ts';

export interface Statement {
  /** Prepared once per connection under this name. */
  readonly name?: string;
  /** Of a text that depends on the question: its variants are prepared under names of their own. */
  readonly family?: string;
  readonly text: string;
}

export interface Database {
  /** Runs one statement, in the surrounding `transaction` if there is one. */
  readonly query: <Row extends object>(
    statement: Statement | string,
    values?: readonly unknown[],
  ) => Promise<Row[]>;
  /**
   * The same on one connection that all calls share: each statement is sent off at once, behind those
   * that are not answered yet, and PostgreSQL runs them in this order without a pause. Each is a
   * transaction by itself and fails by itself. For few callers with much to do.
   */
  readonly queryInOrder: Database['query'];
  /**
   * Runs `work` in one transaction; nested calls join the outer one. Rolls back when it throws, and
   * rejects when `work` went on after a failed statement, since then nothing of it was stored.
   */
  readonly transaction: <T>(work: () => Promise<T>) => Promise<T>;
  /**
   * Inside a transaction: keeps `work` until that is committed and its connection given back; who
   * waits for the transaction waits for it too. It must not reject. False outside of one.
   */
  readonly afterCommit: (work: () => Promise<void>) => boolean;
  /** Connections now: open, of these unused, and statements that wait for one. */
  readonly connections: () => { open: number; idle: number; waiting: number };
  /** A connection of one's own, outside any transaction, e.g. to hold an advisory lock. */
  readonly connect: () => Promise<pg.PoolClient>;
  readonly close: () => Promise<void>;
}

/** Work that outlives the transaction it was started in falls back to the pool. */
interface OpenTransaction {
  readonly client: pg.PoolClient;
  readonly afterCommit: (() => Promise<void>)[];
  isOpen: boolean;
}

export function openDatabase(options: DatabaseOptions): Database {
  const pool = openPool(options, { max: options.connectionsMax });
  const ordered = createOrdered(options);
  const current = new AsyncLocalStorage<OpenTransaction>();
  const nameOfVariant = createVariantNames();
  let open = 0;

  const queryBy =
    (outside: Pick<Ordered, 'query'>) =>
    async <Row extends object>(
      statement: Statement | string,
      values: readonly unknown[] = [],
    ): Promise<Row[]> => {
      const config = typeof statement === 'string' ? { text: statement } : configOf(statement);
      const joined = current.getStore();
      const runner = joined?.isOpen === true ? joined.client : outside;
      const result = await runner.query<Row>({ ...config, values: [...values] });
      return result.rows;
    };

  function configOf({ name, family, text }: Statement): Omit<Statement, 'family'> {
    const known = family === undefined ? name : nameOfVariant(family, text);
    return known === undefined ? { text } : { name: known, text };
  }

  async function transaction<T>(work: () => Promise<T>): Promise<T> {
    if (current.getStore()?.isOpen === true) return work();
    const own: OpenTransaction = { client: await pool.connect(), afterCommit: [], isOpen: true };
    const result = await runIn(own, work);
    for (const follow of own.afterCommit) await follow();
    return result;
  }

  async function runIn<T>(own: OpenTransaction, work: () => Promise<T>): Promise<T> {
    const { client } = own;
    open += 1;
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const result = await current.run(own, work);
      own.isOpen = false;
      await commit(client);
      return result;
    } catch (error) {
      own.isOpen = false;
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.release(broken);
      open -= 1;
      // While it is in use, every promise of the process is followed: dear on Node 20.
      if (open === 0) current.disable();
    }
  }

  function afterCommit(work: () => Promise<void>): boolean {
    const joined = current.getStore();
    if (joined?.isOpen !== true) return false;
    joined.afterCommit.push(work);
    return true;
  }

  return {
    ...{ transaction, afterCommit },
    query: queryBy(pool),
    queryInOrder: queryBy(ordered),
    connections: () => ({
      open: pool.totalCount + ordered.open(),
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    connect: () => pool.connect(),
    close: async () => {
      await ordered.close();
      await closePool(pool);
    },
  };
}

/** PostgreSQL answers COMMIT after a failed statement by rolling back, and calls that a success. */
async function commit(client: pg.PoolClient): Promise<void> {
  const { command } = await client.query('commit');
  if (command !== 'COMMIT') throw new Error('rolled back: a statement of the transaction failed');
}

/** Connection trouble: nothing is known about the request itself, so trying again is right. */
const unavailableStates = /^(08|53|57P0[1-5]|25006|25P03)/;
const unavailableCodes: ReadonlySet<string> = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
]);
/** A missing socket, a full queue at it: trouble of the database only when met in connecting. */
const unavailableOnConnect: ReadonlySet<string> = new Set(['ENOENT', 'EAGAIN']);

/** What pg and its pool report without a code. */
const unavailableMessages = new RegExp(
  [
    'Connection terminated',
    'connection error and is not queryable',
    'Client was closed and is not queryable',
    'timeout exceeded when trying to connect',
    '^timeout expired$',
    'after calling end on the pool',
  ].join('|'),
);

/** True for errors that mean the database is away, restarting or full. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return unavailableStates.test(state);
  if (!(error instanceof Error)) return false;
  const { code, syscall }: NodeJS.ErrnoException = error;
  if (code === undefined) return unavailableMessages.test(error.message);
  if (unavailableOnConnect.has(code)) return syscall === 'connect';
  return unavailableCodes.has(code);
}

/** Whether the database answers. Its schema is up to date since before the door opened. */
export async function isReachable(database: Database): Promise<boolean> {
  try {
    await database.query('select 1');
    return true;
  } catch {
    return false;
  }
}
