/**
 * One attempt from beginning to end: render, sign, send, judge, hand the outcome to the lane and to
 * the completions. Nothing here throws or waits: a failed attempt is an outcome.
 */
import type { Logger } from 'pino';
import type { AttemptReport } from '../dialects/hub-port.ts';
import type { TracedAttempt, Tracing } from '../telemetry/tracing.ts';
import type { Completions } from './completions.ts';
import { type Judgement, judge, judgeUnsent } from './judge.ts';
import type { Item } from './lane/item.ts';
import type { LaneEntry, Lanes } from './lanes.ts';
import { hostOf } from './observer.ts';
import type { Ownership } from './ownership.ts';
import {
  type BuiltRequest,
  buildRequest,
  type RequestParts,
  sign,
  UnsentError,
} from './request.ts';
import type { Sender } from './send.ts';
import type { DeliverySettings } from './settings.ts';
import type { Target, Targets } from './targets.ts';
import type { Troubles } from './troubles.ts';

/** One attempt, for metrics. */
export interface AttemptFigures {
  readonly dialect: string;
  readonly outcome: AttemptReport['outcome'];
  readonly stage: string | undefined;
  readonly status: number | undefined;
  readonly durationMs: number;
  readonly ending: Judgement['ending'];
}

export interface AttemptsParts extends RequestParts {
  readonly sender: Pick<Sender, 'send'>;
  readonly random: () => number;
  readonly newId: (bucket: number) => string;
  readonly settings: DeliverySettings;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'isLevelEnabled'>;
  readonly onAttempt: ((figures: AttemptFigures) => void) | undefined;
  readonly traceAttempt: Tracing['attempt'] | undefined;
  readonly lanes: Lanes;
  readonly targets: Targets;
  readonly troubles: Troubles;
  readonly ownership: Ownership;
  readonly completions: Completions;
  readonly steadyMs: () => number;
  /** After each attempt, when its lane knows how it ended. */
  readonly onEnded: () => void;
}

interface Attempt {
  readonly entry: LaneEntry;
  readonly item: Item;
  readonly target: Target;
  readonly atMs: number;
  /** What was sent, where something was. */
  readonly body: string | undefined;
}

/** Begins the attempt of an item that its lane has just given out. */
export function beginAttempt(parts: AttemptsParts, entry: LaneEntry, item: Item): void {
  const target = parts.targets.active(item.subscriptionId);
  parts.ownership.enter(item.bucket);
  if (target?.endpointId !== entry.endpointId) {
    waitForTarget(parts, entry, item);
    return;
  }
  const atMs = parts.nowMs();
  const built = build(parts, target, item);
  if ('facts' in built) {
    endAttempt(parts, { entry, item, target, atMs, body: undefined }, built);
  } else {
    post(parts, { entry, item, target, atMs, body: built.body }, built);
  }
}

/** The request, or what it means that there is none. */
function build(parts: AttemptsParts, target: Target, item: Item): BuiltRequest | Judgement {
  const { id, told, sequence, payload } = item;
  try {
    return buildRequest(parts, { id, target, event: told.event, sequence, payload });
  } catch (error) {
    const { stage, message, cause } = unsentOf(error);
    // A fault of ours or of the set-up, not of the receiver: whoever runs the hub must see why.
    parts.logger.warn({ err: cause, delivery: id, dialect: target.dialect }, message);
    return judgeUnsent(stage, message, { attempt: item.attemptCount + 1, random: parts.random });
  }
}

function post(parts: AttemptsParts, attempt: Attempt, request: BuiltRequest): void {
  const { entry, item } = attempt;
  const timeoutMs = parts.settings.requestTimeoutMs;
  const trace = parts.traceAttempt && traced(parts.traceAttempt, attempt, request);
  const { url, headers, body } = trace?.request ?? request;
  const { signal } = entry.abort;
  parts.sender.send({ url, headers, body, timeoutMs, signal }).then((result) => {
    const judgement = judge(result, item.attemptCount + 1, parts.random);
    trace?.ended(judgement.facts);
    endAttempt(parts, attempt, judgement);
    parts.lanes.pump();
    parts.onEnded();
  });
}

/** The request with the trace it belongs to; the signature does not cover that header. */
function traced(
  trace: Tracing['attempt'],
  { item, target }: Attempt,
  request: BuiltRequest,
): Pick<TracedAttempt, 'ended'> & { readonly request: BuiltRequest } {
  const { traceparent, ended } = trace({
    traceparent: item.traceparent,
    delivery: item.id,
    subscription: target.id,
    organization: target.organizationId,
    dialect: target.dialect,
    host: request.url === target.url ? target.host : hostOf(request.url),
    attempt: item.attemptCount + 1,
  });
  return { request: { ...request, headers: { ...request.headers, traceparent } }, ended };
}

/**
 * Its subscription is not in memory, or has moved to another endpoint: the lane sends others until
 * it is told which.
 */
function waitForTarget(parts: AttemptsParts, entry: LaneEntry, item: Item): void {
  entry.lane.block(item.subscriptionId);
  giveBack(parts, { entry, item, isUnsent: true });
  parts.targets.want(item.subscriptionId, false);
}

function giveBack(
  parts: AttemptsParts,
  { entry, item, isUnsent }: Pick<Attempt, 'entry' | 'item'> & { readonly isUnsent: boolean },
): void {
  parts.lanes.sendEnded();
  parts.ownership.leave(item.bucket);
  const end = { kind: 'returned', health: 'unknown', pauseMs: 0, isUnsent } as const;
  entry.lane.ended(item, end, parts.steadyMs());
  parts.lanes.touch(entry);
}

function endAttempt(parts: AttemptsParts, attempt: Attempt, judgement: Judgement): void {
  const { entry, item, target, atMs, body } = attempt;
  const { ending, health, pauseMs, delayMs, facts } = judgement;
  if (ending === 'returned') {
    giveBack(parts, { entry, item, isUnsent: false });
    return;
  }
  report(parts, attempt, judgement);
  parts.lanes.sendEnded();
  if (ending === 'gone') {
    parts.troubles.gone(target);
    entry.lane.hold(target.id);
  }
  const kind = ending === 'delivered' ? 'delivered' : 'settling';
  const isUnsent = body === undefined;
  entry.lane.ended(item, { kind, health, pauseMs, isUnsent }, parts.steadyMs());
  const isKept = ending === 'retry' || ending === 'gone';
  parts.completions.add({
    entry,
    item,
    ending,
    completion: {
      bucket: item.bucket,
      id: item.id,
      epoch: item.epoch,
      ending: isKept ? 'kept' : ending,
      attemptCount: item.attemptCount + 1,
      isFirst: item.isNew && item.attemptCount === 0,
      delayMs,
      // Parked ones keep it too: a replay sends the same bytes.
      payload: ending === 'delivered' ? undefined : (item.payload ?? body),
      atMs,
      outcome: facts.outcome,
      stage: facts.stage,
      status: facts.status,
      durationMs: facts.durationMs,
      response: facts.response,
    },
  });
  if (isKept) item.payload ??= body;
  parts.lanes.touch(entry);
}

function unsentOf(error: unknown): UnsentError {
  return error instanceof UnsentError
    ? error
    : new UnsentError('render', 'the push could not be made', error);
}

/** As in the lines of requests; `00-<trace id>-<span id>-<flags>`. */
function traceIdIn(traceparent: string | undefined): string | undefined {
  return traceparent?.slice(3, 35);
}

/** One wide line per attempt. It holds no secret or body, and of the URL only the host. */
function report(parts: AttemptsParts, attempt: Attempt, judgement: Judgement): void {
  const { item, target } = attempt;
  const { ending, delayMs, facts } = judgement;
  const { outcome, stage, status, durationMs } = facts;
  const { dialect } = target;
  parts.onAttempt?.({ dialect, outcome, stage, status, durationMs, ending });
  if (!parts.logger.isLevelEnabled('info')) return;
  const line = {
    delivery: item.id,
    event: item.eventId,
    unit: item.unitId,
    subscription: target.id,
    organization: target.organizationId,
    endpoint: target.endpointId,
    host: target.host,
    dialect,
    sequence: item.sequence,
    attempt: item.attemptCount + 1,
    trace: traceIdIn(item.traceparent),
    outcome,
    stage,
    status,
    durationMs,
    ending,
    nextInMs: delayMs,
  };
  parts.logger.info(line, 'attempt');
}

/** A signed test push, outside the sequence and not stored. Undefined where there is none to be seen. */
export async function ping(
  parts: AttemptsParts,
  organization: string | undefined,
  id: string,
): Promise<AttemptReport | undefined> {
  const target = await parts.targets.find(id);
  if (target === undefined || target.isDeleted) return undefined;
  if (organization !== undefined && target.organizationId !== organization) return undefined;
  const atMs = parts.nowMs();
  const sentAt = new Date(atMs).toISOString();
  const body = JSON.stringify({ type: 'ping', subscription: target.id, sentAt });
  const judgement = await sendPing(parts, target, body);
  const { outcome, stage, status, durationMs, response } = judgement.facts;
  return {
    ...{ number: 1, atMs, outcome, durationMs },
    ...(stage === undefined ? undefined : { stage }),
    ...(status === undefined ? undefined : { status }),
    ...(response === undefined ? undefined : { response }),
  };
}

async function sendPing(parts: AttemptsParts, target: Target, body: string): Promise<Judgement> {
  const given = { attempt: 1, random: parts.random };
  try {
    const plain = { url: target.url, headers: {}, body };
    const request = sign(parts, { id: parts.newId(0), target }, plain);
    const result = await parts.sender.send({
      ...request,
      timeoutMs: parts.settings.requestTimeoutMs,
    });
    return judge(result, 1, parts.random);
  } catch (error) {
    const unsent = unsentOf(error);
    return judgeUnsent(unsent.stage, unsent.message, given);
  }
}
