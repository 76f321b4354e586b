/** Makes the request of one attempt: rendered by the dialect, signed by us. */
import type { Dialect, PushGiven, PushRequest, Vocabulary } from '../dialects/dialect.ts';
import { signatureHeaders } from './sign.ts';
import type { Target } from './targets.ts';

export interface BuiltRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `stage` tells whether trying again can help. */
export class UnsentError extends Error {
  override readonly name = 'UnsentError';
  readonly stage: 'render' | 'sign';

  constructor(stage: 'render' | 'sign', message: string, cause?: unknown) {
    super(message, { cause });
    this.stage = stage;
  }
}

export interface RequestParts {
  readonly dialects: ReadonlyMap<string, Pick<Dialect, 'push' | 'vocabulary'>>;
  /** A dialect's words with what operators added; absent: its own. */
  readonly vocabularyOf?: ((dialect: string) => Vocabulary) | undefined;
  /** The live secrets of a subscription. */
  readonly secretsOf: (target: Target, nowMs: number) => readonly string[];
  readonly userAgent: string;
  readonly nowMs: () => number;
}

export interface Push {
  readonly id: string;
  readonly target: Target;
  readonly event: PushGiven['event'] | undefined;
  readonly sequence: number;
  /** The text of an earlier attempt, or of a notice; sent as it is. */
  readonly payload: string | undefined;
}

/** Throws `UnsentError`. */
export function buildRequest(parts: RequestParts, push: Push): BuiltRequest {
  const { url, headers, body } = render(parts, push);
  // PostgreSQL cannot store it for the next attempt, and no partner's format has it.
  if (body.includes('\0')) throw new UnsentError('render', 'the push holds a NUL character');
  return sign(parts, push, {
    url: url ?? push.target.url,
    headers: headers ?? noHeaders,
    body: push.payload ?? body,
  });
}

const noHeaders: Readonly<Record<string, string>> = {};

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

/** Adds our own headers to a request that is otherwise ready. Throws `UnsentError`. */
export function sign(
  parts: RequestParts,
  { id, target }: Pick<Push, 'id' | 'target'>,
  { url, headers, body }: BuiltRequest,
): BuiltRequest {
  const nowMs = parts.nowMs();
  try {
    const secrets = parts.secretsOf(target, nowMs);
    const timestampSec = Math.floor(nowMs / 1_000);
    const signed = signatureHeaders({ id, timestampSec, body, secrets });
    const usual = { 'content-type': 'application/json', 'user-agent': parts.userAgent };
    const all =
      headers === noHeaders
        ? { ...usual, ...signed }
        : { ...usual, ...lowerCased(headers), ...signed };
    return { url, headers: all, body };
  } catch (error) {
    throw new UnsentError('sign', 'the signing secret cannot be used', error);
  }
}

function render(
  { dialects, vocabularyOf }: RequestParts,
  { target, event, sequence, payload }: Push,
): PushRequest {
  const { subscription } = target;
  const dialect = dialects.get(target.dialect);
  if (dialect?.push === undefined) {
    throw new UnsentError('render', `${target.dialect} has no pushes`);
  }
  // A notice: there is no event, and its text was made with it.
  if (event === undefined && payload !== undefined && target.takesNotices) return { body: payload };
  if (event === undefined) throw new UnsentError('render', 'the event is no longer kept');
  const vocabulary = vocabularyOf?.(target.dialect) ?? dialect.vocabulary;
  try {
    const given = { event, sequence, subscription, vocabulary };
    return dialect.push(given);
  } catch (error) {
    throw new UnsentError('render', 'the dialect could not render the event', error);
  }
}
