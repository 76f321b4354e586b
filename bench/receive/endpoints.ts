/** The endpoints of a receiver: each a server of its own with a behaviour, a ledger and a count of open requests. */
import type { Socket } from 'node:net';
import { sharedMs } from './clock.ts';
import { createLedger, type Faults, type Ledger, type Push } from './ledger.ts';
import { listenForPushes } from './sockets.ts';

/** `accept`: 204. `refuse`: 503. `hang`: no answer at all. */
export type Behaviour = 'accept' | 'refuse' | 'hang';

/** What came in since the last `begin`. */
export interface Tally {
  readonly accepted: number;
  readonly refused: number;
  /** Of the first and the last accepted, by the shared clock; 0 for none. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Requests that one endpoint had open at once, at most. */
  readonly openMax: number;
  /** Since the endpoints were opened. */
  readonly faults: Faults;
}

export interface Endpoint {
  readonly url: string;
  readonly ledger: Ledger;
  readonly close: () => void;
  behaviour: Behaviour;
  open: number;
}

export interface Endpoints {
  readonly all: readonly Endpoint[];
  readonly add: () => Promise<Endpoint>;
  /** Forgets the counts; receipts of events from `firstNumber` on are timed, `count` of them. */
  readonly begin: (given: { readonly firstNumber: number; readonly count: number }) => void;
  readonly tally: () => Tally;
  /** When each event was received, by the shared clock; 0 where it was not. */
  readonly times: () => Float64Array;
}

const accepted = 'HTTP/1.1 204 No Content\r\n\r\n';
const refused = 'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n';

function freshRound() {
  return { accepted: 0, refused: 0, firstMs: 0, lastMs: 0, openMax: 0 };
}

const noFaults: Faults = {
  repeated: 0,
  missing: 0,
  outOfOrder: 0,
  wronglySigned: 0,
  unreadable: 0,
};

function sumOf(all: readonly Endpoint[]): Faults {
  return all
    .map(({ ledger }) => ledger.faults())
    .reduce(
      (sum, one) => ({
        repeated: sum.repeated + one.repeated,
        missing: sum.missing + one.missing,
        outOfOrder: sum.outOfOrder + one.outOfOrder,
        wronglySigned: sum.wronglySigned + one.wronglySigned,
        unreadable: sum.unreadable + one.unreadable,
      }),
      noFaults,
    );
}

/** Runs `work` after `delayMs`; all delays are equal, so a queue and one timer do. */
function createDelay(delayMs: number): (work: () => void) => void {
  const waiting: { dueMs: number; work: () => void }[] = [];
  let isSet = false;
  const run = () => {
    isSet = false;
    const nowMs = sharedMs();
    const due = waiting.findIndex(({ dueMs }) => dueMs > nowMs);
    for (const { work } of waiting.splice(0, due < 0 ? waiting.length : due)) work();
    set();
  };
  const set = () => {
    const [first] = waiting;
    if (isSet || first === undefined) return;
    isSet = true;
    setTimeout(run, Math.max(1, first.dueMs - sharedMs()));
  };
  return (work) => {
    if (delayMs === 0) return work();
    waiting.push({ dueMs: sharedMs() + delayMs, work });
    set();
  };
}

/** `onAccepted` is told after each accepted push; each answer takes `delayMs`. */
export function createEndpoints(given: {
  readonly delayMs: number;
  readonly onAccepted: (accepted: number) => void;
}): Endpoints {
  const all: Endpoint[] = [];
  const later = createDelay(given.delayMs);
  let round = freshRound();
  let firstNumber = 0;
  let times = new Float64Array(0);

  const take = ({ ledger }: Endpoint, push: Push) => {
    const nowMs = sharedMs();
    const place = ledger.accept(push) - firstNumber;
    if (place >= 0 && place < times.length) times[place] = nowMs;
    if (round.accepted === 0) round.firstMs = nowMs;
    round.lastMs = nowMs;
    round.accepted += 1;
  };
  const answer = (endpoint: Endpoint, push: Push, socket: Socket) => {
    endpoint.open -= 1;
    // Whoever gave up has not been told, so it does not count.
    if (socket.destroyed) return;
    if (endpoint.behaviour === 'refuse') {
      round.refused += 1;
      socket.write(refused);
      return;
    }
    take(endpoint, push);
    socket.write(accepted);
    given.onAccepted(round.accepted);
  };

  return {
    all,
    async add() {
      let endpoint: Endpoint | undefined;
      const server = await listenForPushes((push, socket) => {
        if (endpoint === undefined || endpoint.behaviour === 'hang') return;
        const mine = endpoint;
        mine.open += 1;
        round.openMax = Math.max(round.openMax, mine.open);
        later(() => answer(mine, push, socket));
      });
      endpoint = { ...server, ledger: createLedger(), behaviour: 'accept', open: 0 };
      all.push(endpoint);
      return endpoint;
    },
    begin(asked) {
      round = freshRound();
      firstNumber = asked.firstNumber;
      times = new Float64Array(asked.count);
    },
    tally: () => ({ ...round, faults: sumOf(all) }),
    times: () => times,
  };
}
