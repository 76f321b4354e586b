/** What most acceptance test files stand on: one hub and one receiver, started once per file. */
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Api, apiOf, type Client, join, joinAsClient, type Member } from './client.ts';
import { adminKey, type HubProcess, removeFolder, scratchFolder, startHub } from './hub-process.ts';
import { type ReceivedRequest, type Receiver, startReceiver } from './receiver.ts';

export interface Stand {
  /** Base address of the hub. */
  readonly url: string;
  readonly receiver: Receiver;
  /** The hub's own API with the admin key. */
  readonly operator: Api;
  readonly join: (name: string) => Promise<Member>;
  /** Faster: without a user. */
  readonly joinAsClient: (name: string) => Promise<Client>;
}

/** To be called at the top of a test file. In the end the hub must stop well and without errors. */
export function useStand(environment: Readonly<Record<string, string>> = {}): Stand {
  let hub: HubProcess | undefined;
  let receiver: Receiver | undefined;
  let dataDir: string | undefined;
  beforeAll(async () => {
    dataDir = await scratchFolder();
    [receiver, hub] = await Promise.all([startReceiver(), startHub({ dataDir, environment })]);
  });
  afterAll(async () => {
    const code = await hub?.end('SIGTERM');
    await receiver?.close();
    if (dataDir !== undefined) await removeFolder(dataDir);
    expect({ code, errors: errorLines(hub?.output() ?? '') }).toEqual({ code: 0, errors: [] });
  });
  return {
    get url() {
      return started(hub).url;
    },
    get receiver() {
      return started(receiver);
    },
    get operator() {
      return apiOf(started(hub).url, adminKey);
    },
    join: (name) => join(started(hub).url, name),
    joinAsClient: (name) => joinAsClient(started(hub).url, name),
  };
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('not started yet: ask inside a test or hook');
  return part;
}

/** What a hub printed at level error or above, and whatever is no log line; each text once. */
export function errorLines(output: string): string[] {
  const lines = output
    .split('\n')
    .filter((line) => line !== '' && !/^\{"level":[1-4]0,|"listening"/.test(line));
  return [...new Set(lines.map(shortened))];
}

function shortened(line: string): string {
  if (!line.startsWith('{')) return line;
  const { msg, err } = JSON.parse(line) as {
    msg: string;
    err?: { message: string; stack: string };
  };
  return [msg, err?.message, err?.stack].join('\n');
}

/** The parsed body of a push whose signature holds, by the reference library of the standard. */
export function verified<Body = Record<string, unknown>>(
  request: ReceivedRequest,
  secret: string,
): Body {
  const headers = Object.fromEntries(
    ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => [
      name,
      String(request.headers[name]),
    ]),
  );
  return new Webhook(secret).verify(request.body.toString(), headers) as Body;
}

/** What has come to a path of the receiver so far. */
export function arrivals(receiver: Receiver, path: string): ReceivedRequest[] {
  return receiver.requests.filter((request) => request.path === path);
}

/** Resolves with all that has come to the path as soon as one of it is what the test waits for. */
export async function arrivalsUntil(
  receiver: Receiver,
  path: string,
  isLast: (text: string, request: ReceivedRequest) => boolean,
): Promise<ReceivedRequest[]> {
  await receiver.waitFor(
    (request) => request.path === path && isLast(request.body.toString(), request),
  );
  return arrivals(receiver, path);
}
