/** Sends requests to the hub as a partner's program would: plain HTTP, nothing of the hub's code. */
import { Pool } from 'undici';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** `performance.now()` when the answer had been read: from then on the caller may rely on it. */
  readonly readAtMs: number;
}

export interface Client {
  /** Where the hub listens, without a trailing slash. */
  readonly url: string;
  /** Throws UnexpectedAnswer unless the status is the one expected. */
  readonly send: (request: HttpRequest, statusExpected: number) => Promise<HttpAnswer>;
  readonly close: () => Promise<void>;
}

export class UnexpectedAnswer extends Error {
  constructor(request: HttpRequest, answer: HttpAnswer, statusExpected: number) {
    const call = `${request.method} ${request.path}`;
    super(`${call}: ${answer.status} instead of ${statusExpected}: ${answer.text.slice(0, 500)}`);
    this.name = 'UnexpectedAnswer';
  }
}

const connectionsMax = 16;
const answerMsMax = 15_000;

export function createClient(url: string): Client {
  const pool = new Pool(url, {
    connections: connectionsMax,
    headersTimeout: answerMsMax,
    bodyTimeout: answerMsMax,
  });
  return {
    url,
    async send(request, statusExpected) {
      const { method, path, headers, body = null } = request;
      const response = await pool.request({ method, path, headers, body });
      const text = await response.body.text();
      const answer = { status: response.statusCode, text, readAtMs: performance.now() };
      if (answer.status !== statusExpected) {
        throw new UnexpectedAnswer(request, answer, statusExpected);
      }
      return answer;
    },
    close: () => pool.destroy(),
  };
}

/** A request with a JSON body. */
export function jsonRequest(given: {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}): HttpRequest {
  const { method, path, headers = {}, body } = given;
  return {
    method,
    path,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** A request with a form body, as OAuth 2 wants it for tokens. */
export function formRequest(path: string, form: Readonly<Record<string, string>>): HttpRequest {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  };
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
