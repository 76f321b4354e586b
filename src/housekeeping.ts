/** What has to be done now and then: partitions made ahead, old notes forgotten. */
import type { Logger } from 'pino';

export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
}

/** Runs each chore at its interval; a failing one is logged and tried again at the next turn. */
export function startHousekeeping(chores: readonly Chore[], logger: Logger): () => Promise<void> {
  const running = new Set<Promise<unknown>>();
  const timers = chores.map((chore) =>
    setInterval(() => {
      const run = chore
        .run()
        .catch((error: unknown) => logger.error({ err: error, chore: chore.name }, 'chore failed'))
        .finally(() => running.delete(run));
      running.add(run);
    }, chore.everyMs).unref(),
  );
  return async () => {
    for (const timer of timers) clearInterval(timer);
    await Promise.allSettled(running);
  };
}
