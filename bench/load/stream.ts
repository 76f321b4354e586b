/**
 * Open loop: single events are posted at a set rate, whether or not the ones before are answered.
 * Each time counts from when its event was due to be sent, so a server that stands still is charged for
 * all that would have come meanwhile (no coordinated omission).
 */
import { sharedMs } from '../receive/clock.ts';
import { type Connection, openConnection } from './connection.ts';
import { createFailures, createPosts, faultOf, type Posting, watchSilence } from './requests.ts';

export interface StreamJob extends Omit<Posting, 'size'> {
  readonly connections: number;
  /** Arrivals per second, evenly apart. */
  readonly rate: number;
  readonly seconds: number;
}

export interface StreamResult {
  /** Events sent; numbers from `firstNumber` on that are used up. */
  readonly sent: number;
  /** Event `firstNumber + i` was due at `startMs + i * 1000 / rate`, by the shared clock. */
  readonly startMs: number;
  /** When each event was acknowledged, by the shared clock; 0 where it was not. */
  readonly acknowledgedMs: Float64Array;
  /** Answers 503: refused in time, not lost. */
  readonly refused: number;
  /** Given up before the end, because the server was this far behind. */
  readonly isCut: boolean;
  readonly failures: Readonly<Record<string, number>>;
}

const tickMs = 1;
/** An arrival that has waited so long for a connection says all there is to say. */
const behindMsMax = 3_000;

interface Idle {
  readonly connections: Connection[];
  /** Index of the event that each busy connection waits for. */
  readonly busy: Map<Connection, number>;
}

/** Resolves when all that was sent is answered. */
export async function stream(job: StreamJob): Promise<StreamResult> {
  const { rate, firstNumber } = job;
  const total = Math.max(1, Math.round(rate * job.seconds));
  const makePost = createPosts({ ...job, size: 1 });
  const acknowledgedMs = new Float64Array(total);
  const failures = createFailures();
  const { connections, busy }: Idle = { connections: [], busy: new Map() };
  let sent = 0;
  let refused = 0;
  let isCut = false;
  let startMs = 0;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const dueMs = (index: number) => startMs + (index * 1_000) / rate;
  const isOver = () => isCut || sent === total;
  /** Sends what is due, as far as connections are free. */
  const push = () => {
    const nowMs = sharedMs();
    while (!isOver() && dueMs(sent) <= nowMs) {
      if (nowMs - dueMs(sent) > behindMsMax) isCut = true;
      const connection = connections.pop();
      if (isCut || connection === undefined) break;
      busy.set(connection, sent);
      connection.send(makePost(firstNumber + sent, 1));
      sent += 1;
    }
    if (isOver() && busy.size === 0) finish();
  };
  const breakOff = (reason: string) => {
    failures.add(reason);
    finish();
  };
  const silence = watchSilence(breakOff);
  const options = {
    ...hostOf(job.url),
    onAnswer(answer: Parameters<typeof faultOf>[0], connection: Connection) {
      silence.heard();
      const index = busy.get(connection) ?? 0;
      const fault = faultOf(answer, 1);
      if (fault === undefined) acknowledgedMs[index] = sharedMs();
      else if (answer.status === 503) refused += 1;
      else failures.add(fault);
      busy.delete(connection);
      connections.push(connection);
      push();
    },
    onFailure: breakOff,
  };
  const all = await Promise.all(
    Array.from({ length: job.connections }, () => openConnection(options)),
  );
  connections.push(...all);
  startMs = sharedMs();
  const timer = setInterval(push, tickMs);
  await finished;
  silence.stop();
  clearInterval(timer);
  for (const connection of all) connection.close();
  return { sent, startMs, acknowledgedMs, refused, isCut, failures: failures.counts() };
}

function hostOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
