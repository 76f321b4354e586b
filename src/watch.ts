/** Wiring of what watches the hub: metrics, and traces where an exporter is configured. */
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { DeliveryObserver } from './delivery/observer.ts';
import type { Dialect } from './dialects/dialect.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Tracing } from './telemetry/tracing.ts';

export interface Watch {
  readonly metrics: Metrics;
  /** Undefined where no exporter is configured; then none of its modules is loaded. */
  readonly tracing: Tracing | undefined;
  readonly observer: DeliveryObserver;
}

export interface WatchParts {
  readonly config: Pick<Config, 'tracing'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly version: string;
  readonly dialects: ReadonlyMap<string, Pick<Dialect, 'prefixes'>>;
}

export async function createWatch(parts: WatchParts): Promise<Watch> {
  const metrics = createMetrics({ dialectOf: (route) => dialectOf(parts.dialects, route) });
  const tracing = await openTracing(parts);
  const { flushed, bucketsMoved } = metrics;
  return { metrics, tracing, observer: { flushed, bucketsMoved, traceAttempt: tracing?.attempt } };
}

/** The one whose prefix the route begins with. */
export function dialectOf(dialects: WatchParts['dialects'], route: string): string {
  for (const [name, { prefixes }] of dialects) {
    if (prefixes.some((prefix) => route === prefix || route.startsWith(`${prefix}/`))) return name;
  }
  return 'none';
}

async function openTracing({ config, logger, version }: WatchParts): Promise<Tracing | undefined> {
  const settings = config.tracing;
  if (settings === undefined) return undefined;
  const { createTracing } = await import('./telemetry/otel.ts');
  const onTrouble = (message: string) => logger.warn({ detail: message }, 'traces not sent');
  return createTracing({ settings, version, onTrouble });
}
