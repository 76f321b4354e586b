/** A receiver as rows see it: a process with many endpoints, which counts, times and checks. */
import { createRemote, type Remote } from './channel.ts';
import type { Lab } from './lab.ts';
import type { EndpointsCalls } from './programs/endpoints.ts';
import type { Tally } from './receive/endpoints.ts';
import type { Faults } from './receive/ledger.ts';

export interface Receiver {
  readonly ask: Remote<EndpointsCalls>;
  readonly urls: readonly string[];
  /** Opens one endpoint more: its index and address. */
  readonly add: () => Promise<{ readonly index: number; readonly url: string }>;
  /**
   * Waits until all of these have come in since `begin`. Throws when they do not, when more came,
   * and for anything wrong with what came in.
   */
  readonly expectAll: (count: number, timeoutMs?: number) => Promise<Tally>;
}

const timeoutMsUsual = 120_000;

export interface ReceiverOptions {
  readonly endpoints: number;
  /** What each answer takes. */
  readonly delayMs?: number;
  /** False for a floor, which keeps no order. */
  readonly isOrdered?: boolean;
}

export async function startReceiver(lab: Lab, options: ReceiverOptions): Promise<Receiver> {
  const { endpoints, delayMs = 0, isOrdered = true } = options;
  const child = lab.start({
    name: 'receiver',
    program: 'bench/programs/endpoints.js',
    args: [String(delayMs)],
  });
  const ask = createRemote<EndpointsCalls>(child, lab.signal);
  const urls = await ask('open', { count: endpoints });
  return {
    ask,
    urls,
    async add() {
      const [url = ''] = await ask('open', { count: 1 });
      urls.push(url);
      return { index: urls.length - 1, url };
    },
    async expectAll(count, timeoutMs = timeoutMsUsual) {
      const tally = await ask('until', { accepted: count, timeoutMs });
      const { outOfOrder, ...others } = tally.faults;
      checkTally({ ...tally, faults: isOrdered ? { outOfOrder, ...others } : others }, count);
      return tally;
    },
  };
}

/** Throws for a push too few or too many, and for each kind of fault. */
export function checkTally(
  { accepted, faults }: { accepted: number; faults: Partial<Faults> },
  expected: number,
): void {
  const wrong = Object.entries(faults).filter(([, count]) => count > 0);
  const words = wrong.map(([name, count]) => `${count} ${name}`);
  if (accepted !== expected) words.unshift(`${accepted} pushes received instead of ${expected}`);
  if (words.length > 0) throw new Error(`the receiver found: ${words.join(', ')}`);
}
