/** Takes down what was built, last built first. */
import type { Logger } from 'pino';

/** Steps in the order in which their parts were built. */
export type Teardown = (() => Promise<unknown>)[];

const patienceMs = 8_500;

/**
 * One failing step does not keep the next from its turn, nor one that hangs. The first built is
 * always waited for: it is the private database, where there is one, which must not be left running.
 */
export async function takeDown(teardown: Teardown, logger: Logger): Promise<void> {
  const late = new Promise<void>((end) => setTimeout(end, patienceMs).unref());
  const [first, ...rest] = teardown.map((step) => async () => {
    await step().catch((error: unknown) => logger.error({ err: error }, 'stopping a part failed'));
  });
  for (const step of rest.reverse()) await Promise.race([step(), late]);
  await first?.();
}
