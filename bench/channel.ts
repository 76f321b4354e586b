/** Questions to a child process and its answers, over Node's own channel; each has a number, so several may be open. */
import type { Child } from './child.ts';

/** What a program offers: functions by name, each with one argument. */
export type Calls = { readonly [name: string]: (given: never) => unknown };

/** The same functions, called from another process. */
export type Remote<C extends Calls> = <K extends keyof C & string>(
  name: K,
  given: Parameters<C[K]>[0],
) => Promise<Awaited<ReturnType<C[K]>>>;

interface Question {
  readonly number: number;
  readonly name: string;
  readonly given: unknown;
}

interface Answer {
  readonly number: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface Open {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Calls reject when the program says so, when it ends, and when the signal aborts. */
export function createRemote<C extends Calls>(child: Child, signal: AbortSignal): Remote<C> {
  const open = new Map<number, Open>();
  let last = 0;
  const rejectAll = (error: unknown) => {
    for (const { reject } of open.values()) reject(error);
    open.clear();
  };
  child.channel.on('message', ({ number, result, error }: Answer) => {
    const waiting = open.get(number);
    open.delete(number);
    if (error === undefined) waiting?.resolve(result as never);
    else waiting?.reject(new Error(`${child.name}: ${error}`));
  });
  const onAbort = () => rejectAll(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  let over: Error | undefined;
  void child.ended.then((words) => {
    signal.removeEventListener('abort', onAbort);
    over = new Error(words);
    rejectAll(over);
  });
  return (name, given) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (over !== undefined) throw over;
      last += 1;
      open.set(last, { resolve, reject });
      child.channel.send({ number: last, name, given } satisfies Question);
    });
}

/** For the program: answers questions until its benchmark is gone. */
export function serveCalls(calls: Calls): void {
  const send = (answer: Answer) => process.send?.(answer);
  process.on('message', ({ number, name, given }: Question) => {
    const call = calls[name];
    Promise.resolve()
      .then(() => {
        if (call === undefined) throw new Error(`there is no call ${name}`);
        return call(given as never);
      })
      .then(
        (result) => send({ number, result }),
        (error: unknown) =>
          send({ number, error: error instanceof Error ? error.message : String(error) }),
      );
  });
  // The questions come over the channel, so it keeps this program alive.
  process.channel?.ref();
}
