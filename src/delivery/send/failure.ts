/** Turns what connections throw into the closed list of stages, without leaking addresses. */
import { codeOf } from '../guard/errors.ts';
import { ConnectFailure } from '../guard/index.ts';
import { AnswerFault, RequestFault } from '../http/faults.ts';
import type { Failure } from './result.ts';

/** What is no fault of a message is what a socket said once it was connected. */
export function failureOf(error: Error): Failure {
  if (error instanceof ConnectFailure) {
    const { stage, code, message, detail } = error;
    return { stage, code, message, addressDetail: detail };
  }
  const code = codeOf(error);
  if (error instanceof RequestFault) {
    return { stage: 'protocol', code, message: `the request cannot be sent: ${error.message}` };
  }
  if (error instanceof AnswerFault) {
    return { stage: 'protocol', code, message: `the answer is not valid HTTP/1.1 (${code})` };
  }
  return { stage: 'reset', code, message: 'the connection broke before an answer came' };
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
