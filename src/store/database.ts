/**
 * The one way to PostgreSQL: a pool, and transactions that the store's actions join by
 * themselves. Statements are plain SQL in the files beside this one, one file per action.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';

// bigint counters stay far below 2^53; as numbers they need no conversion anywhere.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export interface Statement {
  /** Prepared once per connection under this name. */
  readonly name?: string;
  readonly text: string;
}

export interface Database {
  /** Runs one statement, in the surrounding `transaction` if there is one. */
  readonly query: <Row extends object>(
    statement: Statement | string,
    values?: readonly unknown[],
  ) => Promise<Row[]>;
  /** Runs `work` in one transaction; nested calls join the outer one. Rolls back when it throws. */
  readonly transaction: <T>(work: () => Promise<T>) => Promise<T>;
  /** A connection of one's own, outside any transaction, e.g. to hold an advisory lock. */
  readonly connect: () => Promise<pg.PoolClient>;
  readonly close: () => Promise<void>;
}

export interface DatabaseOptions {
  readonly connectionString: string;
  readonly connectionsMax: number;
  readonly onError: (error: Error) => void;
}

/** Work that outlives the transaction it was started in falls back to the pool. */
interface OpenTransaction {
  readonly client: pg.PoolClient;
  isOpen: boolean;
}

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.connectionsMax,
    application_name: 'portolan',
    connectionTimeoutMillis: 10_000,
  });
  // Of idle connections; and of those in use, whose unheard error would end the process.
  pool.on('error', options.onError);
  pool.on('connect', (client) => client.on('error', options.onError));
  const current = new AsyncLocalStorage<OpenTransaction>();

  async function query<Row extends object>(
    statement: Statement | string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const config = typeof statement === 'string' ? { text: statement } : statement;
    const joined = current.getStore();
    const runner = joined?.isOpen === true ? joined.client : pool;
    const result = await runner.query<Row>({ ...config, values: [...values] });
    return result.rows;
  }

  async function transaction<T>(work: () => Promise<T>): Promise<T> {
    if (current.getStore()?.isOpen === true) return work();
    const client = await pool.connect();
    const own: OpenTransaction = { client, isOpen: true };
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const result = await current.run(own, work);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      own.isOpen = false;
      client.release(broken);
    }
  }

  return { query, transaction, connect: () => pool.connect(), close: () => pool.end() };
}

/** The SQLSTATE of a database error, if it is one. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** Connection trouble: nothing is known about the request itself, so trying again is right. */
const unavailableStates = /^(08|53|57P0[1-5]|25006)/;
const unavailableCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/** True for errors that mean the database is away, restarting or full. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return unavailableStates.test(state);
  if (!(error instanceof Error)) return false;
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== undefined) return unavailableCodes.has(code);
  // pg's own client reports these without a code.
  return /connection (terminated|timeout|ended)|timeout exceeded when trying to connect/i.test(
    error.message,
  );
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
