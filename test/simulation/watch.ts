/**
 * The judge of a run. It sees every send, answer and commit, and knows what must never happen. It
 * shares no code with what it judges, the published schedule included.
 */

import type { SendResult } from '../../src/delivery/send.ts';
import type { DeliverySettings } from '../../src/delivery/settings.ts';
import type { Completion } from '../../src/store/deliveries/complete.ts';
import { createLoadRules } from './load-rules.ts';
import type { Process } from './process.ts';
import type { Row, Tables } from './tables.ts';
import { type CommittedTrouble, createTroubleRules } from './trouble-rules.ts';

export interface Send {
  readonly process: Process;
  readonly id: string;
  readonly endpointId: string;
  readonly body: string;
  readonly startMs: number;
  /** It had its lease when it began, by what the database knows. */
  readonly wasLeased: boolean;
  readonly isProbe: boolean;
  state: 'open' | 'ok' | 'failed' | 'aborted';
  /** The receiver has taken it, whatever the process has heard of that. */
  isAccepted: boolean;
  isStored: boolean;
  /** Of before a replay. */
  isOld: boolean;
  result: SendResult | undefined;
}

export interface Watch {
  readonly problems: readonly string[];
  readonly acknowledged: (rows: readonly Row[]) => void;
  readonly sending: (process: Process, given: { id: string; url: string; body: string }) => Send;
  /** The process has heard how it ended. */
  readonly ended: (send: Send, result: SendResult) => void;
  readonly completing: (process: Process, batch: readonly Completion[]) => void;
  /** An operator or a 410 changed something of the subscription: its rows may move and hurry. */
  readonly touched: (subscriptionId: string) => void;
  readonly resumed: (subscriptionId: string) => void;
  /** A warning or a disabling was committed. */
  readonly trouble: (trouble: CommittedTrouble) => void;
  /** Of a subscription whose receiver has failed for so long that it must be. */
  readonly mustBeDisabled: (subscriptionId: string) => void;
  readonly replayed: (id: string) => void;
  readonly stopping: (process: Process) => void;
  /** After the last step: everything must have found its end. */
  readonly finish: () => void;
  readonly counts: () => WatchCounts;
}

export interface WatchCounts {
  readonly acknowledged: number;
  readonly sends: number;
  readonly repeated: number;
  readonly parked: number;
}

/** Seconds before each attempt, as docs/ publishes them. */
const scheduleSec = [0, 5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 72_000];

/** More of the same say nothing new. */
const problemsMax = 20;

const noLimits = { sendsMax: null, ratePerSecond: null };

export interface WatchParts {
  /** Takes down what happens, for whoever looks into a seed. */
  readonly note: (text: string) => void;
  readonly tables: Tables;
  readonly nowMs: () => number;
  readonly settings: DeliverySettings;
  /** After so long every process has heard of a change, even one that was cut off. */
  readonly heardMs: number;
}

export function createWatch({ tables, nowMs, settings, heardMs, note }: WatchParts): Watch {
  const problems: string[] = [];
  const sends = new Map<string, Send[]>();
  const acknowledged = new Set<string>();
  const touched = new Set<string>();
  const stopping = new Set<Process>();
  let sendCount = 0;
  let repeated = 0;

  const complain = (text: string): void => {
    note(`WRONG: ${text}`);
    if (problems.length < problemsMax) problems.push(`at ${nowMs().toFixed(1)} ms: ${text}`);
  };

  const subscriptionsOf = (endpointId: string) =>
    [...tables.subscriptions.values()].filter((each) => each.endpointId === endpointId);

  const rules = createLoadRules({
    ...{ nowMs, settings, complain },
    limitsOf: (endpointId) => subscriptionsOf(endpointId)[0] ?? noLimits,
    isTouched: (endpointId) => subscriptionsOf(endpointId).some(({ id }) => touched.has(id)),
  });

  const troubles = createTroubleRules({ tables, nowMs, settings, heardMs, complain });

  /** Whether another process may know nothing of this send. That a connection was lost is no reason. */
  const isExplained = ({ process, wasLeased, startMs }: Send): boolean =>
    !process.isAlive ||
    !wasLeased ||
    stopping.has(process) ||
    !tables.isLeased(process.id) ||
    (tables.lapsedAtMs.get(process.id) ?? -1) >= startMs;

  const sendsOf = (id: string): Send[] => {
    const known = sends.get(id) ?? [];
    sends.set(id, known);
    return known;
  };

  function checkTwice(process: Process, id: string): void {
    for (const earlier of sendsOf(id)) {
      if (earlier.isOld || isExplained(earlier)) continue;
      const whose = `${id} is sent by ${process.id} although ${earlier.process.id}`;
      if (earlier.state === 'open') complain(`${whose} is sending it`);
      if (earlier.state === 'ok') complain(`${whose} has delivered it`);
    }
  }

  /** What stands before it must be finished, or known to have arrived. */
  function checkOrder(process: Process, row: Row): void {
    for (const before of tables.deliveries.values()) {
      if (before.position >= row.position || before.unitId !== row.unitId) continue;
      if (before.subscriptionId !== row.subscriptionId) continue;
      const isKnown = sendsOf(before.id).some(
        (send) => send.process === process && send.state === 'ok',
      );
      if (!isKnown) complain(`${row.id} is sent before ${before.id}`);
    }
  }

  function checkRow(process: Process, row: Row, body: string): void {
    if (tables.ownerOf(row.bucket) !== process.id || !tables.isLeased(process.id)) return;
    checkOrder(process, row);
    const waitMs = row.dueAtMs - nowMs();
    const isHeld = row.dueAtMs === Number.POSITIVE_INFINITY;
    if (row.attemptCount > 0 && waitMs > 1 && !isHeld) {
      complain(`${row.id} is sent ${Math.round(waitMs)} ms before it is due`);
    }
    if (row.payload !== undefined && row.payload !== body) {
      complain(`${row.id} is sent again with other bytes`);
    }
  }

  function checkLease(process: Process): void {
    const until = tables.processes.get(process.id);
    if (until !== undefined && until <= nowMs()) {
      complain(`${process.id} sends after its lease has run out`);
    }
  }

  function checkKept(completion: Completion, send: Send | undefined, row: Row): void {
    const { id, attemptCount, delayMs } = completion;
    if (delayMs === undefined) return;
    const delaySec = scheduleSec[attemptCount];
    if (delaySec === undefined) {
      complain(`${id} is tried again after ${attemptCount} attempts`);
      return;
    }
    const result = send?.result;
    const askedSec = result?.outcome === 'answered' ? (result.retryAfterSec ?? 0) : 0;
    const least = Math.max(delaySec * 500, askedSec * 1_000) - 1;
    const most = Math.max(delaySec * 1_500, askedSec * 1_100) + 1;
    if (delayMs < least || delayMs > most) {
      complain(`${id} waits ${delayMs} ms after attempt ${attemptCount}`);
    }
    if (!touched.has(row.subscriptionId) && attemptCount !== row.attemptCount + 1) {
      complain(`attempt ${attemptCount} of ${id} follows attempt ${row.attemptCount}`);
    }
  }

  function checkEnding({ id, ending, attemptCount }: Completion, send: Send | undefined): void {
    if (send === undefined) {
      complain(`${id} ended without an attempt`);
    } else if (ending === 'delivered' && !send.isAccepted) {
      complain(`${id} is stored as delivered and nobody has it`);
    } else if (ending === 'parked' && attemptCount < scheduleSec.length) {
      const { result } = send;
      const isTooLarge = result?.outcome === 'answered' && result.status === 413;
      if (!isTooLarge) complain(`${id} is parked after ${attemptCount} attempts`);
    }
  }

  function checkEnd(row: Row): void {
    const state = tables.done.get(row.id)?.state;
    if (state === undefined) complain(`${row.id} was neither delivered nor parked`);
    const isAccepted = sendsOf(row.id).some((send) => send.isAccepted);
    if (state === 'delivered' && !isAccepted) complain(`${row.id} is lost`);
  }

  return {
    problems,
    acknowledged: (rows) => {
      for (const row of rows) acknowledged.add(row.id);
    },
    touched: (id) => touched.add(id),
    resumed: troubles.resumed,
    trouble(trouble) {
      note(`${trouble.id} is ${trouble.what}`);
      troubles.committed(trouble);
    },
    mustBeDisabled: troubles.mustBeDisabled,
    stopping: (process) => stopping.add(process),
    replayed(id) {
      for (const send of sendsOf(id)) send.isOld = true;
    },
    sending(process, { id, url: endpointId, body }) {
      const row = tables.deliveries.get(id) ?? tables.done.get(id)?.row;
      if (row === undefined) complain(`${id} was never recorded`);
      if (sendsOf(id).some((send) => send.isAccepted)) repeated += 1;
      sendCount += 1;
      note(`${process.id} sends ${id}`);
      checkTwice(process, id);
      checkLease(process);
      if (row !== undefined && tables.deliveries.has(id)) checkRow(process, row, body);
      if (row !== undefined) troubles.sending(row.subscriptionId);
      const isProbe = rules.begin(process, endpointId);
      const send: Send = {
        ...{ process, id, endpointId, body, isProbe },
        startMs: nowMs(),
        wasLeased: tables.isLeased(process.id),
        state: 'open',
        isAccepted: false,
        isStored: false,
        isOld: false,
        result: undefined,
      };
      sendsOf(id).push(send);
      return send;
    },
    ended(send, result) {
      rules.ended(send, result, send.isProbe);
      send.result = result;
      if (result.outcome === 'failed')
        send.state = result.stage === 'aborted' ? 'aborted' : 'failed';
      else send.state = result.status < 300 ? 'ok' : 'failed';
      note(`${send.process.id} hears of ${send.id}: ${send.state}`);
    },
    completing(process, batch) {
      const wells = new Map<string, boolean>();
      for (const completion of batch) {
        const send = sendsOf(completion.id).findLast(
          (each) => each.process === process && each.state !== 'open',
        );
        const row = tables.deliveries.get(completion.id);
        if (send?.isStored === true) continue;
        if (send !== undefined) send.isStored = true;
        note(`${process.id} stores ${completion.id}: ${completion.ending}`);
        if (row === undefined) continue;
        if (completion.ending === 'kept') checkKept(completion, send, row);
        checkEnding(completion, send);
        const isWell = completion.ending === 'delivered' || wells.get(row.subscriptionId) === true;
        wells.set(row.subscriptionId, isWell);
      }
      for (const [id, isWell] of wells) troubles.stored(id, isWell);
    },
    finish() {
      troubles.finish();
      for (const row of tables.deliveries.values()) checkEnd(row);
      for (const { row } of tables.done.values()) checkEnd(row);
      for (const id of acknowledged) {
        if (!tables.done.has(id)) complain(`${id} was acknowledged and is not finished`);
      }
      for (const send of [...sends.values()].flat()) {
        const hasEnded = send.state === 'ok' || send.state === 'failed';
        if (hasEnded && !send.isStored && !isExplained(send)) {
          complain(`an attempt of ${send.id} is not recorded`);
        }
      }
    },
    counts: () => ({
      acknowledged: acknowledged.size,
      sends: sendCount,
      repeated,
      parked: [...tables.done.values()].filter(({ state }) => state === 'parked').length,
    }),
  };
}
