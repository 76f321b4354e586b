/** What has to be done now and then: partitions made ahead and dropped, notes forgotten, ends kept. */
import type { Logger } from 'pino';
import { purgeIdempotencyKeys } from './identity/once.ts';
import { purgeRefreshTokens } from './identity/refresh.ts';
import type { Metrics } from './metrics.ts';
import { queueDepth } from './store/deliveries/depth.ts';
import { ensurePartitions } from './store/partitions.ts';
import { applyRetention, type RetentionParts } from './store/retention/index.ts';
import { type FillParts, fillSubscriptions } from './store/subscriptions/backfill.ts';
import { expireSubscriptions } from './store/subscriptions/expire.ts';

const hourMs = 3_600_000;
const depthMs = 10_000;
const expiryMs = 30_000;
const fillingMs = 30_000;
const planningMs = 30_000;
const vocabularyMs = 2_000;

export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  /** Also once at the start. */
  readonly isAtStart?: boolean;
  readonly run: () => Promise<unknown>;
}

export interface ChoresParts extends FillParts, RetentionParts {
  /** Partitions are made for so many months ahead. */
  readonly monthsAhead: number;
  readonly vocabulary: { readonly refresh: () => Promise<unknown> };
  readonly planner: { readonly resume: () => Promise<unknown> };
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly metrics: Pick<Metrics, 'depth' | 'partitionsMissing'>;
}

/** A clock that has jumped is caught up with within the hour. */
async function makePartitions(parts: ChoresParts): Promise<void> {
  const { leftInDefault, busy } = await ensurePartitions(parts);
  parts.metrics.partitionsMissing(leftInDefault.length + busy.length);
  if (leftInDefault.length === 0 && busy.length === 0) return;
  parts.logger.warn({ leftInDefault, busy }, 'partitions not made: the default ones serve');
}

async function dropOld(parts: ChoresParts): Promise<void> {
  const result = await applyRetention(parts);
  if (result === undefined) return;
  const { dropped, busy, waiting, parkedDropped, deleted } = result;
  if (dropped.length + deleted > 0) {
    parts.logger.info({ dropped, deleted, parkedDropped }, 'history dropped by age');
  }
  if (busy.length + waiting.length > 0) {
    parts.logger.warn({ busy, waiting }, 'history kept beyond its age for now');
  }
}

export function createChores(parts: ChoresParts): Chore[] {
  const { database, nowMs } = parts;
  return [
    { name: 'partitions', everyMs: hourMs, isAtStart: true, run: () => makePartitions(parts) },
    {
      name: 'queue depth',
      everyMs: depthMs,
      isAtStart: true,
      run: async () => parts.metrics.depth(await queueDepth(database)),
    },
    // At the start too: a process may never live for an hour.
    { name: 'retention', everyMs: hourMs, isAtStart: true, run: () => dropOld(parts) },
    {
      name: 'idempotency keys',
      everyMs: hourMs,
      run: () => purgeIdempotencyKeys(database, nowMs()),
    },
    { name: 'refresh tokens', everyMs: hourMs, run: () => purgeRefreshTokens(database, nowMs()) },
    { name: 'expired subscriptions', everyMs: expiryMs, run: () => expireSubscriptions(parts) },
    {
      name: 'filling subscriptions',
      everyMs: fillingMs,
      isAtStart: true,
      run: () => fillSubscriptions(parts),
    },
    { name: 'planned stops', everyMs: planningMs, isAtStart: true, run: parts.planner.resume },
    { name: 'vocabulary', everyMs: vocabularyMs, run: parts.vocabulary.refresh },
  ];
}

/** Runs each chore at its interval; a failing one is logged and tried again at the next turn. */
export function startHousekeeping(
  chores: readonly Chore[],
  logger: Logger,
  onRun: (chore: string, isGood: boolean) => void = () => undefined,
): () => Promise<void> {
  const running = new Set<Promise<unknown>>();
  const start = (chore: Chore): void => {
    const run = chore
      .run()
      .then(() => onRun(chore.name, true))
      .catch((error: unknown) => {
        onRun(chore.name, false);
        logger.error({ err: error, chore: chore.name }, 'chore failed');
      })
      .finally(() => running.delete(run));
    running.add(run);
  };
  const timers = chores.map((chore) => setInterval(() => start(chore), chore.everyMs).unref());
  for (const chore of chores) if (chore.isAtStart === true) start(chore);
  return async () => {
    for (const timer of timers) clearInterval(timer);
    await Promise.allSettled(running);
  };
}
