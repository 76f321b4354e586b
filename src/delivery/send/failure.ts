/** Turns what undici and Node throw into the closed list of stages, without leaking addresses. */
import { codeOf } from '../guard/errors.ts';
import { ConnectFailure } from '../guard/index.ts';
import type { Failure } from './result.ts';

const RESET_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** undici uses one code for broken connections and for nonsense answers; only the text differs. */
const CLOSED_TEXTS: ReadonlySet<string> = new Set(['other side closed', 'closed']);

export function isReset(error: Error): boolean {
  const code = codeOf(error);
  if (RESET_CODES.has(code)) return true;
  return code === 'UND_ERR_SOCKET' && CLOSED_TEXTS.has(error.message);
}

export function failureOf(error: Error): Failure {
  if (error instanceof ConnectFailure) {
    const { stage, code, message, detail } = error;
    return { stage, code, message, addressDetail: detail };
  }
  const code = codeOf(error);
  if (isReset(error)) {
    return { stage: 'reset', code, message: 'the connection broke before an answer came' };
  }
  if (code === 'UND_ERR_CLOSED' || code === 'UND_ERR_DESTROYED') return CLOSED;
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    return { stage: 'protocol', code, message: `the request cannot be sent: ${error.message}` };
  }
  return { stage: 'protocol', code, message: `the answer is not valid HTTP/1.1 (${code})` };
}

export const CLOSED: Failure = {
  stage: 'aborted',
  code: 'closed',
  message: 'the sender is shutting down',
};

export const ABORTED: Failure = {
  stage: 'aborted',
  code: 'aborted',
  message: 'the request was stopped by the hub',
};

export const CONNECT_TIMEOUT: Failure = {
  stage: 'timeout',
  code: 'connect-timeout',
  message: 'no connection was to be had in time',
};

export const ANSWER_TIMEOUT: Failure = {
  stage: 'timeout',
  code: 'answer-timeout',
  message: 'no answer came in time',
};
