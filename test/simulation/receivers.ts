/** The receivers of a run, and the network to them: the sender that a simulated process is given. */
import type { Sender, SendRequest, SendResult } from '../../src/delivery/send.ts';
import type { Dice } from './dice.ts';
import type { Process } from './process.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { Send, Watch } from './watch.ts';

export const moods = ['ok', 'slow', 'busy', 'reset', 'bad', 'hang', 'gone'] as const;
export type Mood = (typeof moods)[number];

export interface Receivers {
  readonly set: (endpointId: string, mood: Mood) => void;
  /** All is well from now on: nothing is refused or gets lost, but at those that are down. */
  readonly mend: () => void;
  /** It fails for days, whatever else happens. */
  readonly takeDown: (endpointId: string) => void;
  readonly bringBack: (endpointId: string) => void;
  readonly senderOf: (process: Process) => Pick<Sender, 'send'>;
}

export interface ReceiversParts {
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly watch: Watch;
  /** These are too large for every receiver: 413. */
  readonly isTooLarge: (id: string) => boolean;
}

const failure = (stage: 'reset' | 'timeout' | 'aborted'): SendResult => ({
  ...{ outcome: 'failed', stage, code: stage, message: stage, durationMs: 1 },
});

const status = (code: number, retryAfterSec?: number): SendResult => ({
  ...{ outcome: 'answered', status: code, responseText: '', durationMs: 1 },
  ...(retryAfterSec === undefined ? {} : { retryAfterSec }),
});

export function createReceivers(parts: ReceiversParts): Receivers {
  const { clock, dice, watch } = parts;
  const now = new Map<string, Mood>();
  const down = new Set<string>();
  let isMended = false;

  /** What the receiver does with a request that reached it; undefined for never an answer. */
  function answerTo(send: Send): SendResult | undefined {
    if (down.has(send.endpointId)) return dice.oneIn(2) ? status(500) : failure('reset');
    const mood = isMended ? 'ok' : (now.get(send.endpointId) ?? 'ok');
    if (mood === 'gone') return status(410);
    if (mood === 'busy') return status(dice.oneIn(3) ? 429 : 503, retryAfter(dice));
    if (mood === 'bad') return status(dice.oneIn(2) ? 500 : 400);
    if (parts.isTooLarge(send.id)) return status(413);
    if (mood === 'hang') {
      // Some take it and say nothing.
      send.isAccepted ||= dice.oneIn(2);
      return undefined;
    }
    if (mood === 'reset') {
      send.isAccepted ||= dice.oneIn(3);
      return failure('reset');
    }
    send.isAccepted = true;
    return status(204);
  }

  function start(process: Process, request: SendRequest): Promise<SendResult> {
    const { url, timeoutMs, signal } = request;
    const body = String(request.body);
    const send = watch.sending(process, { id: request.headers['webhook-id'] ?? '', url, body });
    return new Promise((resolve) => {
      const end = (result: SendResult): void => {
        if (send.state !== 'open') return;
        clock.cancel(timer);
        signal?.removeEventListener('abort', abort);
        watch.ended(send, result);
        resolve(result);
      };
      const abort = (): void => end(failure('aborted'));
      const timer = clock.after(timeoutMs, () => process.hear(() => end(failure('timeout'))));
      signal?.addEventListener('abort', abort);
      clock.after(0.1 + dice.fraction() * 5, () => {
        // A killed process's last bytes may or may not have left.
        if (!process.isAlive && dice.oneIn(2)) return;
        const result = answerTo(send);
        if (result === undefined) return;
        clock.after(answerMs(send.endpointId), () => process.hear(() => end(result)));
      });
    });
  }

  function answerMs(endpointId: string): number {
    const isSlow = !isMended && now.get(endpointId) === 'slow';
    return isSlow ? dice.fraction() * 20_000 : 0.5 + dice.fraction() * 30;
  }

  return {
    set: (endpointId, mood) => now.set(endpointId, mood),
    takeDown: (endpointId) => down.add(endpointId),
    bringBack: (endpointId) => down.delete(endpointId),
    mend: () => {
      isMended = true;
    },
    senderOf: (process) => ({ send: (request) => start(process, request) }),
  };
}

function retryAfter(dice: Dice): number | undefined {
  return dice.oneIn(2) ? undefined : dice.between(1, 90);
}
