/**
 * Compares what was acknowledged with what was received. Every event has a number of its own,
 * told by its time, since that is what every dialect's push carries.
 */
import { Webhook } from 'standardwebhooks';
import type { ReceivedRequest } from '../support/receiver.ts';

export interface Wish {
  /** Path of its callback; no two wishes share one. */
  readonly path: string;
  readonly subscription: string;
  readonly secret: string;
  /** Reference of the unit wished for; undefined wishes for all. */
  readonly reference?: string;
  /** The event's time, out of a push. */
  readonly timeOf: (push: unknown) => string;
}

export interface Summary {
  readonly acknowledged: number;
  readonly received: number;
  readonly lost: number;
  readonly repeated: number;
  readonly outOfOrder: number;
  readonly unexpected: number;
}

/** A delivery as the hub lists it. */
export interface ListedDelivery {
  readonly id: string;
  readonly sequence: number;
  readonly state: string;
}

interface Receipt {
  readonly number: number;
  readonly webhookId: string;
  readonly body: string;
  era: number;
  /** Of the last time it came. */
  atMs: number;
  /** Its answer was kept from the hub. */
  isUnheard: boolean;
}

export interface LedgerOptions {
  /** Milliseconds of a clock that only goes forward. */
  readonly nowMs?: () => number;
  /** The sender's clock is wrong on purpose: signatures count whatever time they name. */
  readonly isClockOff?: boolean;
}

export interface Ledger {
  readonly acknowledge: (event: { number: number; reference: string }) => void;
  readonly acknowledgedCount: () => number;
  /** False for a push that nobody should get: the receiver then refuses it. */
  readonly receive: (request: ReceivedRequest, options?: { isUnheard: boolean }) => boolean;
  /** Something was killed: from now until `recovered` anything may be sent twice. */
  readonly killed: () => void;
  readonly recovered: () => void;
  /** Resolves when all that is acknowledged by now has been received. */
  readonly complete: () => Promise<void>;
  readonly summary: (listed: ReadonlyMap<string, readonly ListedDelivery[]>) => Summary;
  /** What is wrong, in words, at most some tens. */
  readonly complaints: () => readonly string[];
}

const firstSecond = Date.UTC(2026, 0, 1) / 1_000;
const complaintsMax = 30;
/**
 * What came longer before a kill is stored by then, so it must not come again. Outcomes are stored
 * within milliseconds; this leaves room for a machine that has nearly no time left for this one: 10 s
 * were passed there, by six of 700 repeats.
 */
const inFlightMsMax = 30_000;
/** Outcomes that are not yet stored and open sends, at most: what one kill may repeat (docs/adr/0007). */
const inFlightMax = 2_048 + 1_024;

export function timeOfNumber(number: number): string {
  return new Date((firstSecond + number) * 1_000).toISOString();
}

function numberOfTime(time: string): number {
  return Date.parse(time) / 1_000 - firstSecond;
}

export function createLedger(
  wishes: readonly Wish[],
  { nowMs = () => performance.now(), isClockOff = false }: LedgerOptions = {},
): Ledger {
  const references = new Map<number, string>();
  /** By wish: first receipts by the event's number, in the order they came in. */
  const receipts = new Map(wishes.map((wish) => [wish, new Map<number, Receipt>()]));
  const complaints: string[] = [];
  let watchers: (() => boolean)[] = [];
  let unexpected = 0;
  let repeated = 0;
  /** Even while all is well, odd from a kill to the recovery. */
  let era = 0;
  let repeatedOfKill = 0;
  let killedAtMs = Number.NEGATIVE_INFINITY;

  const complain = (text: string): false => {
    if (complaints.length < complaintsMax) complaints.push(text);
    unexpected += 1;
    return false;
  };

  const repeat = (wish: Wish, first: Receipt, now: Receipt): boolean => {
    repeated += 1;
    repeatedOfKill += 1;
    if (repeatedOfKill > inFlightMax) return complain('more was repeated than one kill explains');
    const what = `event ${now.number} at ${wish.path}`;
    const wasInFlight = first.era !== era && first.atMs > killedAtMs - inFlightMsMax;
    const isExplained = wasInFlight || era % 2 === 1 || first.isUnheard;
    Object.assign(first, { era, atMs: now.atMs, isUnheard: now.isUnheard });
    if (!isExplained) return complain(`${what} was repeated without a kill`);
    if (first.webhookId !== now.webhookId) return complain(`${what} was repeated under a new id`);
    if (first.body !== now.body) return complain(`${what} was repeated with another body`);
    return true;
  };

  const missing = (): string[] =>
    wishes.flatMap((wish) =>
      [...references]
        .filter(
          ([number, reference]) => isWished(wish, reference) && !receipts.get(wish)?.has(number),
        )
        .map(([number, reference]) => `event ${number} of ${reference} is missing at ${wish.path}`),
    );

  return {
    acknowledge: ({ number, reference }) => references.set(number, reference),
    acknowledgedCount: () => references.size,
    killed: () => {
      if (era % 2 === 0) era += 1;
      killedAtMs = nowMs();
      repeatedOfKill = 0;
    },
    recovered: () => {
      if (era % 2 === 1) era += 1;
    },
    receive(request, { isUnheard } = { isUnheard: false }) {
      const wish = wishes.find(({ path }) => path === request.path);
      if (wish === undefined) return complain(`a push to ${request.path}`);
      const push = isClockOff ? signed(wish, request) : verified(wish, request);
      if (push === undefined) return complain(`a push to ${wish.path} without a good signature`);
      const number = numberOfTime(wish.timeOf(push));
      const webhookId = String(request.headers['webhook-id']);
      const body = request.body.toString();
      const receipt = { number, webhookId, body, era, atMs: nowMs(), isUnheard };
      const first = receipts.get(wish)?.get(number);
      if (first !== undefined) return repeat(wish, first, receipt);
      receipts.get(wish)?.set(number, receipt);
      watchers = watchers.filter((watch) => watch());
      return true;
    },
    complete: () =>
      new Promise((resolve) => {
        const count = () => [...receipts.values()].reduce((sum, { size }) => sum + size, 0);
        const due = wishes.reduce(
          (sum, wish) => sum + [...references.values()].filter((one) => isWished(wish, one)).length,
          0,
        );
        // Counting is cheap; only when the count fits is it worth looking closer.
        const watch = (): boolean => {
          const isPending = count() < due || missing().length > 0;
          if (!isPending) resolve();
          return isPending;
        };
        if (watch()) watchers.push(watch);
      }),
    summary(listed) {
      const lost = missing();
      let outOfOrder = 0;
      for (const [wish, got] of receipts) {
        const reports = judge(wish, {
          got,
          references,
          listed: listed.get(wish.subscription) ?? [],
        });
        outOfOrder += reports.outOfOrder.length;
        for (const text of reports.unexpected) complain(text);
        complaints.push(...reports.outOfOrder.slice(0, complaintsMax));
      }
      complaints.push(...lost.slice(0, complaintsMax));
      const received = [...receipts.values()].reduce((sum, { size }) => sum + size, 0);
      const acknowledged = references.size;
      return { acknowledged, received, lost: lost.length, repeated, outOfOrder, unexpected };
    },
    complaints: () => complaints,
  };
}

function isWished(wish: Wish, reference: string | undefined): boolean {
  return reference !== undefined && (wish.reference ?? reference) === reference;
}

function verified(wish: Wish, { body, headers }: ReceivedRequest): unknown {
  try {
    return new Webhook(wish.secret).verify(body.toString(), headers as Record<string, string>);
  } catch {
    return undefined;
  }
}

/** Like `verified`, but a signature does not grow old. */
function signed(wish: Wish, { body, headers }: ReceivedRequest): unknown {
  const text = body.toString();
  const at = new Date(Number(headers['webhook-timestamp']) * 1_000);
  const expected = new Webhook(wish.secret).sign(String(headers['webhook-id']), at, text);
  // One for each live secret.
  const signatures = String(headers['webhook-signature']).split(' ');
  return signatures.includes(expected) ? JSON.parse(text) : undefined;
}

/** One subscription's receipts beside what the hub lists for it. */
function judge(
  wish: Wish,
  given: {
    got: ReadonlyMap<number, Receipt>;
    references: ReadonlyMap<number, string>;
    listed: readonly ListedDelivery[];
  },
): { unexpected: string[]; outOfOrder: string[] } {
  const { got, references, listed } = given;
  const unexpected: string[] = [];
  const outOfOrder: string[] = [];
  const sequences = new Map(listed.map(({ id, sequence }) => [id, sequence]));
  const numbers = [...sequences.values()].sort((a, b) => a - b);
  numbers.forEach((sequence, at) => {
    if (sequence !== at + 1)
      unexpected.push(`${wish.path}: number ${sequence} stands at ${at + 1}`);
  });
  for (const { id, state } of listed) {
    if (state !== 'delivered') unexpected.push(`${wish.path}: delivery ${id} is ${state}`);
  }
  const newest = new Map<string, number>();
  for (const { number, webhookId } of got.values()) {
    const reference = references.get(number);
    const sequence = sequences.get(webhookId);
    if (reference === undefined || sequence === undefined || !isWished(wish, reference)) {
      unexpected.push(`${wish.path}: event ${number} (${webhookId}) was never acknowledged for it`);
      continue;
    }
    const before = newest.get(reference) ?? 0;
    if (sequence < before) {
      outOfOrder.push(`${wish.path}: ${reference} got number ${sequence} after ${before}`);
    }
    newest.set(reference, Math.max(before, sequence));
  }
  return { unexpected, outOfOrder };
}
