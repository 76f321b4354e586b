/**
 * Our client and undici are asked the same: a server writes answers byte for byte, cut into pieces
 * at random places, to one and to the other, and both must report the same. Where they may not, the
 * difference is listed at the end with its reason, and tested too, so that none goes unnoticed.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, httpAnswer } from '../../../test/support/http-answers.ts';
import { loopbackSender, pushTo } from '../../../test/support/sender.ts';

type Report = 'failed' | { status: number; retryAfterSec: number | undefined; text: string };

const keptBytes = 1_024;
/** A whole request, and which of the answers it asks for: a number of its own in its path. */
const requestBytes = /^POST \/(\d+) .*\r\n\r\n\{\}$/s;
/** Who still waits then has failed, and fast-check tells the seed: the test must not hang. */
const patienceMs = 20_000;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

let server: Server;
let url = '';
/** To the client that is being asked. */
let answers: readonly Answer[] = [];
/** Of the connection that the last answer went to and that the server ends: when both have let go. */
let ended: Promise<unknown> = Promise.resolve();

beforeAll(async () => {
  server = createServer((socket) => serve(socket)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function serve(socket: Socket): void {
  let heard = '';
  socket.setNoDelay(true).on('error', () => undefined);
  socket.on('data', (bytes) => {
    heard += bytes.toString('latin1');
    const request = requestBytes.exec(heard);
    if (request === null) return;
    heard = '';
    const answer = answers[Number(request[1])];
    if (answer === undefined) return;
    if (answer.isClosed) ended = new Promise((resolve) => socket.once('close', resolve));
    void write(socket, answer);
  });
}

async function write(socket: Socket, { bytes, pieces, isClosed }: Answer): Promise<void> {
  for (let at = 0, count = 0; at < bytes.length && !socket.destroyed; count += 1) {
    const end = at + (pieces[count] ?? bytes.length);
    socket.write(bytes.subarray(at, end));
    at = end;
    // Whoever reads is in this process, and has read this when the next piece is written.
    if (at < bytes.length) await turn();
  }
  if (isClosed) socket.end();
}

/** Each of the answers, as our client sees it. */
async function oursTo(given: readonly Answer[]): Promise<Report[]> {
  answers = given;
  const sender = loopbackSender({ connectionsPerOriginMax: 1 });
  const reports: Report[] = [];
  for (const at of given.keys()) {
    const result = await sender.send(pushTo(`${url}${at}`));
    if (result.outcome === 'failed') {
      reports.push('failed');
    } else {
      const { status, retryAfterSec, responseText: text } = result;
      reports.push({ status, retryAfterSec, text });
    }
    // The next request must not meet a connection that is about to end: both may fail it, or ask again.
    await ended;
  }
  await sender.close();
  return reports;
}

async function theirsTo(given: readonly Answer[]): Promise<Report[]> {
  answers = given;
  const timeouts = { headersTimeout: patienceMs, bodyTimeout: patienceMs };
  const dispatcher = new Agent({ connections: 1, pipelining: 1, ...timeouts });
  const reports: Report[] = [];
  for (const at of given.keys()) {
    const asked = request(`${url}${at}`, { method: 'POST', body: '{}', dispatcher });
    const answer = await asked.catch(() => null);
    if (answer === null) {
      reports.push('failed');
    } else {
      const { statusCode: status, headers, body } = answer;
      const retryAfterSec = secondsOf(headers['retry-after']);
      reports.push({ status, retryAfterSec, text: await textOf(body) });
    }
    await ended;
  }
  await dispatcher.destroy();
  return reports;
}

function secondsOf(value: string | string[] | undefined): number | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  return first !== undefined && /^\d+$/.test(first) ? Number(first) : undefined;
}

/** All that is here when it ends or breaks. */
async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  try {
    for await (const bytes of body) text += bytes.toString('latin1');
  } catch {
    // A status has come, and that is what counts.
  }
  return text.slice(0, keptBytes);
}

/** When a body breaks undici may drop what had come of it. */
function withoutLoss(ours: Report, theirs: Report | undefined, { isClosed }: Answer): Report {
  if (ours === 'failed' || theirs === 'failed' || theirs === undefined || !isClosed) return ours;
  return ours.text.startsWith(theirs.text) ? { ...ours, text: theirs.text } : ours;
}

describe('our client and undici', () => {
  it('report the same of the same bytes', async () => {
    const some = fc.array(httpAnswer, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(some, async (given) => {
        const theirs = await theirsTo(given);
        const ours = await oursTo(given);
        const seen = ours.map((report, at) => withoutLoss(report, theirs[at], given[at] as Answer));
        expect(seen).toEqual(theirs);
      }),
      { numRuns: 200 },
    );
  });

  const end = '\r\n\r\nok';
  const ok = { status: 200, retryAfterSec: undefined, text: 'ok' };
  it.each<[reason: string, answer: string, ours: Report, theirs: Report]>([
    [
      'RFC 9110, 15.2: who did not ask for a 100 has to pass over it',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 X\r\n\r\n',
      ...([{ status: 204, retryAfterSec: undefined, text: '' }, 'failed'] as const),
    ],
    [
      'RFC 9112, 5.2: who asked has to read a folded line as one',
      `HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length:\r\n 2${end}`,
      ...([ok, 'failed'] as const),
    ],
    [
      'RFC 9110, 2.5: a higher minor version is read like the highest that one knows',
      `HTTP/1.2 200 OK\r\ncontent-length: 2${end}`,
      ...([ok, 'failed'] as const),
    ],
    [
      'RFC 9112, 6.3: the same length twice is one',
      `HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2${end}`,
      ...([ok, 'failed'] as const),
    ],
    [
      'RFC 9110, 5.6.3: a tab is a blank, behind a value too',
      `HTTP/1.1 200 OK\r\ncontent-length: 2\t${end}`,
      ...([ok, 'failed'] as const),
    ],
    [
      'what is said of a body where none may be is passed over',
      'HTTP/1.1 204 X\r\ntransfer-encoding: chunked\r\ncontent-length: x\r\n\r\n',
      ...([{ status: 204, retryAfterSec: undefined, text: '' }, 'failed'] as const),
    ],
    [
      'some pad the size of a chunk with blanks, or put them around extensions',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1  \r\no\r\n1 ; x = y\r\nk\r\n0\r\n\r\n',
      ...([ok, { ...ok, text: '' }] as const),
    ],
    [
      'RFC 9112, 2.2: a carriage return alone ends no line',
      `HTTP/1.1 200 OK\r\rcontent-length: 2${end}`,
      ...(['failed', ok] as const),
    ],
    [
      'lengths are counted up to 2^53, nobody has more to say',
      `HTTP/1.1 200 OK\r\ncontent-length: 9007199254740992${end}`,
      ...(['failed', ok] as const),
    ],
  ])('differ: %s', async (_reason, text, ours, theirs) => {
    const given = [{ bytes: Buffer.from(text, 'latin1'), pieces: [], isClosed: true }];
    expect({ ours: await oursTo(given), theirs: await theirsTo(given) }).toEqual({
      ours: [ours],
      theirs: [theirs],
    });
  });
});
