/** What a row works with: databases, child processes, load. All of it ends with the row. */
import pg from 'pg';
import { type Child, type ChildOptions, startChild } from './child.ts';
import { createLoad, type Load } from './load.ts';
import type { RowResult, Settings } from './row.ts';

export interface Lab {
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
  /** Folder for what the row's programs must keep; removed at the end. */
  readonly folder: string;
  readonly profile: string | undefined;
  /** What the rows before this one have found in the same run. */
  readonly earlier: readonly RowResult[];
  /** A new, empty database on the one server that all subjects share; its URL. */
  readonly createDatabase: (name: string) => Promise<string>;
  /** The URL of one that was created. */
  readonly databaseUrl: (name: string) => string;
  readonly start: (options: ChildOptions) => Child;
  /** Starts a program and waits until it listens; its URL. */
  readonly startServer: (options: ChildOptions) => Promise<string>;
  readonly startLoad: () => Load;
}

export interface LabOptions {
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
  readonly folder: string;
  readonly profile: string | undefined;
  readonly earlier: readonly RowResult[];
  /** URL of the server's own database. */
  readonly serverUrl: string;
}

/** One statement on a connection of its own; rows as PostgreSQL's texts and numbers. */
export async function queryOnce(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

function withDatabase(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export interface OpenLab {
  readonly lab: Lab;
  /** What its programs printed last, for the case that a row fails. */
  readonly lastWords: () => string[];
  readonly close: () => Promise<void>;
}

/** A lab for one row. */
export function openLab(options: LabOptions): OpenLab {
  const { serverUrl, ...given } = options;
  const children: Child[] = [];
  const start = (childOptions: ChildOptions): Child => {
    options.signal.throwIfAborted();
    const child = startChild(childOptions);
    children.push(child);
    return child;
  };
  const lab: Lab = {
    ...given,
    start,
    databaseUrl: (name) => withDatabase(serverUrl, name),
    startServer: async (childOptions) => (await start(childOptions).listening()).url,
    startLoad: () => createLoad(start({ name: 'load', program: 'bench/programs/load.js' }), given),
    async createDatabase(name) {
      // A benchmark that was killed may have left one of that name.
      await queryOnce(serverUrl, `drop database if exists ${name} with (force)`);
      await queryOnce(serverUrl, `create database ${name}`);
      return withDatabase(serverUrl, name);
    },
  };
  // The last first: what was started later may need what was started before.
  const close = async () => {
    for (const child of children.reverse()) await child.stop();
  };
  const lastWords = () => children.map((child) => `${child.name}: ${child.lastWords()}`);
  return { lab, lastWords, close };
}
