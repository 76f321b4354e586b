/**
 * Closed loop: so many connections, each posts its next events when the last are answered. It finds out
 * how much goes through at most, and it makes backlogs; for latencies see stream.ts.
 */
import { sharedMs } from '../receive/clock.ts';
import { type Connection, openConnection } from './connection.ts';
import { createFailures, createPosts, faultOf, type Posting, watchSilence } from './requests.ts';

export interface FloodJob extends Posting {
  readonly connections: number;
  /** Ends after so long, or after so many events. */
  readonly seconds?: number;
  readonly events?: number;
}

export interface FloodResult {
  /** Events acknowledged within the time. */
  readonly perSec: number;
  /** Events sent; numbers from `firstNumber` on that are used up. */
  readonly sent: number;
  readonly acknowledged: number;
  readonly startMs: number;
  readonly failures: Readonly<Record<string, number>>;
}

interface Open {
  readonly count: number;
}

/** Resolves when all that was sent is answered. */
export async function flood(job: FloodJob): Promise<FloodResult> {
  const { hostname: host, port } = new URL(job.url);
  const makePost = createPosts(job);
  const failures = createFailures();
  const open = new Map<Connection, Open>();
  const eventsMax = job.events ?? Number.POSITIVE_INFINITY;
  let sent = 0;
  let acknowledged = 0;
  let inTime = 0;
  let startMs = 0;
  let endMs = Number.POSITIVE_INFINITY;
  let lastMs = 0;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const breakOff = (reason: string) => {
    failures.add(reason);
    finish();
  };
  const silence = watchSilence(breakOff);
  const leave = (connection: Connection) => {
    open.delete(connection);
    connection.close();
    if (open.size === 0) finish();
  };
  const send = (connection: Connection) => {
    const count = Math.min(job.size, eventsMax - sent);
    if (count <= 0 || sharedMs() >= endMs) return leave(connection);
    open.set(connection, { count });
    connection.send(makePost(job.firstNumber + sent, count));
    sent += count;
  };
  const opening = Array.from({ length: job.connections }, () =>
    openConnection({
      host,
      port: Number(port),
      onAnswer(answer, connection) {
        silence.heard();
        const { count } = open.get(connection) ?? { count: 0 };
        const fault = faultOf(answer, count);
        if (fault !== undefined) failures.add(fault);
        else {
          lastMs = sharedMs();
          acknowledged += count;
          if (lastMs <= endMs) inTime += count;
        }
        send(connection);
      },
      // With one connection broken nothing counts any more.
      onFailure: breakOff,
    }),
  );
  const connections = await Promise.all(opening);
  startMs = sharedMs();
  if (job.seconds !== undefined) endMs = startMs + job.seconds * 1_000;
  for (const connection of connections) open.set(connection, { count: 0 });
  for (const connection of connections) send(connection);
  await finished;
  silence.stop();
  for (const connection of connections) connection.close();
  const seconds = (Math.min(endMs, lastMs) - startMs) / 1_000;
  return {
    perSec: seconds > 0 ? inTime / (job.seconds ?? seconds) : 0,
    ...{ sent, acknowledged, startMs, failures: failures.counts() },
  };
}
