/** What Prometheus may ask of this process. Names follow its conventions: base units, plural totals. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface DeliveryStats {
  readonly lanes: number;
  readonly queued: number;
  readonly inFlight: number;
  /** Epoch milliseconds of the oldest delivery that is due and not yet sent. */
  readonly oldestDueMs: number | undefined;
}

export interface MetricsSources {
  readonly nowMs: () => number;
  readonly recordWaiting: () => number;
  readonly delivery: () => DeliveryStats;
}

export interface Metrics {
  readonly answered: (route: string, status: number, seconds: number) => void;
  readonly batch: (stage: string, items: number) => void;
  readonly attempted: (outcome: string, durationMs: number) => void;
  /** Gauges read their sources when asked. */
  readonly watch: (sources: MetricsSources) => void;
  readonly read: () => Promise<{ contentType: string; text: string }>;
}

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

function gauges(registry: Registry, sources: MetricsSources): void {
  const registers = [registry];
  const read = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  read('portolan_record_waiting', 'Events waiting to be written', sources.recordWaiting);
  read('portolan_lanes', 'Lanes in memory', () => sources.delivery().lanes);
  read('portolan_deliveries_queued', 'Deliveries in lanes', () => sources.delivery().queued);
  read('portolan_deliveries_in_flight', 'Open pushes', () => sources.delivery().inFlight);
  read('portolan_delivery_oldest_due_seconds', 'Age of the oldest due delivery', () => {
    const oldest = sources.delivery().oldestDueMs;
    return oldest === undefined ? 0 : Math.max(0, (sources.nowMs() - oldest) / 1000);
  });
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'portolan_http_request_seconds',
    help: 'Time from request to answer',
    labelNames: ['route', 'status'],
    buckets: secondsBuckets,
    registers,
  });
  const batches = new Histogram({
    name: 'portolan_record_batch_items',
    help: 'Items per batch of the recording path',
    labelNames: ['stage'],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    registers,
  });
  const attempts = new Counter({
    name: 'portolan_delivery_attempts_total',
    help: 'Attempts by outcome',
    labelNames: ['outcome'],
    registers,
  });
  const attemptSeconds = new Histogram({
    name: 'portolan_delivery_attempt_seconds',
    help: 'Time an attempt took',
    buckets: secondsBuckets,
    registers,
  });
  // Looking a label up costs more than counting: a route and a status have one child for good.
  const children = new Map<string, ReturnType<typeof requests.labels>>();
  const requestsOf = (route: string, status: number) => {
    const key = `${status} ${route}`;
    const child = children.get(key) ?? requests.labels(route, String(status));
    children.set(key, child);
    return child;
  };
  return {
    answered: (route, status, seconds) => requestsOf(route, status).observe(seconds),
    batch: (stage, items) => batches.labels(stage).observe(items),
    attempted: (outcome, durationMs) => {
      attempts.labels(outcome).inc();
      attemptSeconds.observe(durationMs / 1000);
    },
    watch: (sources) => gauges(registry, sources),
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
