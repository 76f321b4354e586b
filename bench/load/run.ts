/**
 * Closed-loop load: so many connections, each sends its next request when the last is answered.
 * Every answer is looked at; what is not as expected is counted apart and never as done.
 */
import { type BodyName, bodies } from './bodies.ts';
import { type Answer, type Connection, openConnection } from './connection.ts';
import { createLatencies } from './latencies.ts';

/** A request without a body, and a text that its answer must hold. */
export interface Question {
  readonly path: string;
  readonly text: string;
}

export interface LoadJob {
  readonly url: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: BodyName;
  /** Sent one after the other and over again, instead of bodies to `path`. */
  readonly questions?: readonly Question[];
  /** Bodies are numbered from here on. */
  readonly firstNumber: number;
  readonly units: number;
  readonly connections: number;
  readonly seconds: number;
  readonly expected: { readonly status: number; readonly text: string };
}

export interface LoadResult {
  /** Answered as expected within the time. */
  readonly perSec: number;
  /** Answered as expected, also after the time: what the server owes. */
  readonly acknowledged: number;
  /** Requests sent; numbers from `firstNumber` on that are used up. */
  readonly sent: number;
  /** How many went wrong, by what. */
  readonly failures: Readonly<Record<string, number>>;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const drainMsMax = 15_000;
const shownCharactersMax = 200;
const reasonsMax = 10;

/** The text of a request, and what its answer must be. */
interface Request {
  readonly text: string;
  readonly expected: LoadJob['expected'];
}

interface Requests {
  readonly next: () => Request;
  readonly sent: () => number;
}

function headOf(job: LoadJob, path: string): string {
  const { host } = new URL(job.url);
  const lines = Object.entries({ host, ...job.headers }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return [`${job.method} ${path} HTTP/1.1`, ...lines, ''].join('\r\n');
}

/** Makes request after request. */
function createRequests(job: LoadJob): Requests {
  const makeRequest = job.body === undefined ? questionsOf(job) : postsOf(job, job.body);
  let number = job.firstNumber;
  return { next: () => makeRequest(number++), sent: () => number - job.firstNumber };
}

function postsOf(job: LoadJob, name: BodyName): (number: number) => Request {
  const head = `${headOf(job, job.path)}content-type: application/json\r\ncontent-length: `;
  const makeBody = bodies[name];
  const { expected, units } = job;
  return (number) => {
    const body = makeBody(number, units);
    return { text: `${head}${body.length}\r\n\r\n${body}`, expected };
  };
}

function questionsOf(job: LoadJob): (number: number) => Request {
  const { questions = [], expected } = job;
  const requests = questions.map(({ path, text }) => ({
    text: `${headOf(job, path)}\r\n`,
    expected: { ...expected, text },
  }));
  return (number) => {
    const request = requests[number % requests.length];
    if (request === undefined) throw new Error('a job without a body and without questions');
    return request;
  };
}

/** Why an answer is not the expected one, if so. */
function faultOf(answer: Answer, { status, text }: LoadJob['expected']): string | undefined {
  if (answer.status === status && answer.bytes.includes(text, answer.bodyStart)) return undefined;
  const shown = answer.bytes.toString('utf8', answer.bodyStart).slice(0, shownCharactersMax);
  return `${answer.status} ${shown}`;
}

function createTally() {
  const failures = new Map<string, number>();
  const latencies = createLatencies();
  let acknowledged = 0;
  let inTime = 0;
  const fail = (reason: string) => {
    const key = failures.size < reasonsMax ? reason : 'others';
    failures.set(key, (failures.get(key) ?? 0) + 1);
  };
  return {
    fail,
    count(answer: Answer, { expected, ms, isInTime }: Asked): void {
      const fault = faultOf(answer, expected);
      if (fault !== undefined) return void fail(fault);
      acknowledged += 1;
      if (!isInTime) return;
      inTime += 1;
      latencies.add(ms);
    },
    result: (seconds: number, sent: number): LoadResult => ({
      perSec: inTime / seconds,
      acknowledged,
      sent,
      failures: Object.fromEntries(failures),
      p50Ms: latencies.percentile(0.5),
      p99Ms: latencies.percentile(0.99),
    }),
  };
}

interface Asked extends Pick<Request, 'expected'> {
  readonly ms: number;
  readonly isInTime: boolean;
}

interface Pacer {
  readonly begin: (connections: readonly Connection[]) => void;
  readonly onAnswer: (answer: Answer, connection: Connection) => void;
  readonly onFailure: (reason: string) => void;
  /** Resolves when no connection waits for an answer any more. */
  readonly finished: Promise<void>;
}

/** Keeps every connection busy until the time is over. */
function createPacer(
  job: LoadJob,
  { next, tally }: { next: () => Request; tally: ReturnType<typeof createTally> },
): Pacer {
  const asked = new Map<Connection, { atMs: number; expected: LoadJob['expected'] }>();
  let deadline = Number.POSITIVE_INFINITY;
  let open = job.connections;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const lose = () => {
    open -= 1;
    if (open === 0) finish();
  };
  const send = (connection: Connection, now: number) => {
    const { text, expected } = next();
    asked.set(connection, { atMs: now, expected });
    connection.send(text);
  };
  return {
    finished,
    begin(connections) {
      const now = performance.now();
      deadline = now + job.seconds * 1000;
      for (const connection of connections) send(connection, now);
    },
    onAnswer(answer, connection) {
      const now = performance.now();
      const { atMs, expected } = asked.get(connection) ?? { atMs: now, expected: job.expected };
      tally.count(answer, { expected, ms: now - atMs, isInTime: now <= deadline });
      if (now < deadline) return send(connection, now);
      connection.close();
      lose();
    },
    onFailure(reason) {
      tally.fail(reason);
      lose();
    },
  };
}

/** Opens the connections, keeps them busy for the time, waits for the last answers. */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const { hostname: host, port } = new URL(job.url);
  const requests = createRequests(job);
  const tally = createTally();
  const { begin, finished, onAnswer, onFailure } = createPacer(job, { ...requests, tally });
  const options = { host, port: Number(port), onAnswer, onFailure };
  const connections = await Promise.all(
    Array.from({ length: job.connections }, () => openConnection(options)),
  );
  begin(connections);
  const late = new Promise<void>((resolve) => {
    setTimeout(resolve, job.seconds * 1000 + drainMsMax, undefined).unref();
  }).then(() => tally.fail(`some were not answered ${drainMsMax / 1000} s after the end`));
  await Promise.race([finished, late]);
  for (const connection of connections) connection.close();
  return tally.result(job.seconds, requests.sent());
}
