/** The hub as a process of its own, and what a row asks of it before it measures. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from './lab.ts';

export interface RunningHub {
  readonly url: string;
  readonly databaseUrl: string;
  /** A call of the hub's own API; the parsed answer. Throws for anything but 2xx. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly pid: number;
  /** Asks it to end, and waits; it ends with its row in any case. */
  readonly stop: () => Promise<void>;
}

export interface HubOptions {
  readonly database: string;
  /** The database is there already: another process for the same hub. */
  readonly isFurther?: boolean;
  /** Settings over the usual ones. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A real hub with its default settings, as `npm start` runs it, on a database of its own. */
export async function startHub(lab: Lab, options: HubOptions): Promise<RunningHub> {
  const { database, isFurther = false } = options;
  const databaseUrl = isFurther ? lab.databaseUrl(database) : await lab.createDatabase(database);
  const adminKey = randomUUID();
  const dataDir = join(lab.folder, 'hub', database);
  await mkdir(dataDir, { recursive: true });
  const profiling = ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${lab.profile}`];
  const child = lab.start({
    name: 'hub',
    program: 'src/main.js',
    nodeArgs: lab.profile === undefined ? [] : profiling,
    env: {
      PORT: '0',
      DATABASE_URL: databaseUrl,
      PORTOLAN_DATA_DIR: dataDir,
      PORTOLAN_ADMIN_KEY: adminKey,
      PORTOLAN_WEBHOOK_ALLOW: '127.0.0.0/8',
      ...options.env,
    },
  });
  const { url } = await child.listening();
  const headers = { authorization: `Bearer ${adminKey}` };
  return {
    url,
    databaseUrl,
    pid: child.channel.pid ?? 0,
    stop: child.stop,
    call: (method, path, body) => {
      if (body === undefined) return answerOf(`${url}${path}`, { method, headers });
      const json = { ...headers, 'content-type': 'application/json' };
      return answerOf(`${url}${path}`, { method, headers: json, body: JSON.stringify(body) });
    },
  };
}

async function answerOf(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${init.method} ${url}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** A member of an answer that has to be text. */
export function textIn(answer: unknown, member: string): string {
  const value: unknown = Object(answer)[member];
  if (typeof value !== 'string') throw new Error(`an answer without ${member}`);
  return value;
}

export interface Application {
  readonly organization: string;
  /** A fresh access token, good for an hour. */
  readonly token: () => Promise<string>;
}

/** An organization with one application. */
export async function createApplication(
  hub: RunningHub,
  name: string,
  scopes: readonly string[],
): Promise<Application> {
  const organization = textIn(await hub.call('POST', '/hub/v1/organizations', { name }), 'id');
  const path = `/hub/v1/organizations/${organization}/applications`;
  const application = await hub.call('POST', path, { name: 'bench', scopes });
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: textIn(application, 'clientId'),
    client_secret: textIn(application, 'clientSecret'),
  });
  return {
    organization,
    async token() {
      const answer = await answerOf(`${hub.url}/oauth2/token`, { method: 'POST', body: form });
      return textIn(answer, 'access_token');
    },
  };
}

const bookingsAtOnce = 16;

/** Books units with the given references for `owner`, seen by `parties` too. */
export async function bookUnits(
  hub: RunningHub,
  {
    references,
    owner,
    parties,
  }: {
    readonly references: readonly string[];
    readonly owner: string;
    readonly parties: readonly string[];
  },
): Promise<void> {
  const left = references.values();
  const shared = {
    freightFamily: 'Container',
    customsFlag: 'Import',
    organization: owner,
    parties: parties.map((organization) => ({ organization, role: 'carrier' })),
  };
  const work = async () => {
    for (const reference of left) {
      const documents = [{ type: 'booking', reference: `B${reference}` }];
      await hub.call('PUT', '/hub/v1/handling-units', { ...shared, reference, documents });
    }
  };
  await Promise.all(Array.from({ length: bookingsAtOnce }, work));
}
