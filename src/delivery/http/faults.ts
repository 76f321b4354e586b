/** What can be wrong with a message, on either side. The text may be shown to a subscriber. */

/** The request cannot be written down. */
export class RequestFault extends Error {
  override readonly name = 'RequestFault';
  readonly code = 'bad-request';
}

/** What came is no answer in HTTP/1.1. */
export class AnswerFault extends Error {
  override readonly name = 'AnswerFault';
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** The other side has closed the connection in good order, but before its answer was complete. */
export class ClosedEarly extends Error {
  override readonly name = 'ClosedEarly';
  readonly code = 'closed-early';
}
