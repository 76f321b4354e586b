/**
 * What Prometheus may ask of this process. Names follow its conventions: base units, plural totals.
 * Labels are words from closed sets, never ids; docs/operations.md says what each is good for.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { DeliveryStats } from './delivery/engine.ts';
import type { BucketMove } from './delivery/observer.ts';
import type { QueueDepth } from './store/deliveries/depth.ts';

export interface MetricsSources {
  readonly nowMs: () => number;
  readonly recordWaiting: () => number;
  readonly delivery: () => DeliveryStats;
  readonly connections: () => { open: number; idle: number; waiting: number };
}

export interface AttemptSeen {
  readonly dialect: string;
  readonly outcome: string;
  readonly ending: string;
  readonly durationMs: number;
}

export interface Metrics {
  readonly answered: (route: string, status: number, seconds: number) => void;
  readonly batch: (stage: string, items: number) => void;
  readonly attempted: (attempt: AttemptSeen) => void;
  readonly flushed: (items: number) => void;
  readonly troubled: (trouble: { readonly what: string; readonly reason: string }) => void;
  readonly bucketsMoved: (move: BucketMove, buckets: number) => void;
  readonly choreRan: (chore: string, isGood: boolean) => void;
  readonly depth: (depth: QueueDepth) => void;
  readonly partitionsMissing: (many: number) => void;
  /** Gauges read their sources when asked. */
  readonly watch: (sources: MetricsSources) => void;
  readonly read: () => Promise<{ contentType: string; text: string }>;
}

export interface MetricsOptions {
  /** The dialect that a route belongs to; `none` for the hub's own. */
  readonly dialectOf: (route: string) => string;
}

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const itemsBuckets = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

function gauges(registry: Registry, sources: MetricsSources): void {
  const { nowMs, delivery, connections } = sources;
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
  const readEach = (given: { name: string; help: string; label: string }, values: () => object) =>
    new Gauge({
      ...given,
      labelNames: [given.label],
      registers,
      collect() {
        for (const [word, value] of Object.entries(values())) {
          this.set({ [given.label]: word }, Number(value));
        }
      },
    });
  read('portolan_record_waiting', 'Events waiting to be written', sources.recordWaiting);
  readEach(
    { name: 'portolan_lanes', help: 'Lanes in memory by their breaker', label: 'breaker' },
    () => delivery().breakers,
  );
  read('portolan_deliveries_queued', 'Deliveries in lanes', () => delivery().queued);
  read('portolan_deliveries_in_flight', 'Open pushes', () => delivery().inFlight);
  read('portolan_deliveries_unflushed', 'Outcomes not yet stored', () => delivery().unflushed);
  read('portolan_buckets', 'Buckets that this process sends from', () => delivery().buckets);
  read('portolan_delivery_oldest_due_seconds', 'Age of the oldest due delivery', () => {
    const oldest = delivery().oldestDueMs;
    return oldest === undefined ? 0 : Math.max(0, (nowMs() - oldest) / 1000);
  });
  const help = 'Connections to the database, open and idle, and statements waiting for one';
  readEach({ name: 'portolan_database_connections', help, label: 'state' }, connections);
}

/** Looking labels up costs more than counting: what is made for a key is kept. */
function kept<Child>(make: (...labels: string[]) => Child): (...labels: string[]) => Child {
  const children = new Map<string, Child>();
  return (...labels) => {
    const key = labels.join(' ');
    let child = children.get(key);
    if (child === undefined) {
      child = make(...labels);
      children.set(key, child);
    }
    return child;
  };
}

interface RequestTimes {
  readonly answered: Metrics['answered'];
  /** Before the registry is read. */
  readonly count: () => void;
}

/** Times of one route and status that are not counted yet. */
interface Uncounted {
  readonly seconds: number[];
  readonly observe: (seconds: number) => void;
}

const uncountedMax = 256;

/** Noted for each request and counted many at a time: one by one, amid all else that a request needs, it is dear. */
function requestTimes(registry: Registry, { dialectOf }: MetricsOptions): RequestTimes {
  const requests = new Histogram({
    name: 'portolan_http_request_seconds',
    help: 'Time from request to answer',
    labelNames: ['dialect', 'route', 'status'],
    buckets: secondsBuckets,
    registers: [registry],
  });
  // By route and status without a text of both: this runs for every request.
  const byRoute = new Map<string, Map<number, Uncounted>>();
  const count = ({ seconds, observe }: Uncounted) => {
    for (const time of seconds) observe(time);
    seconds.length = 0;
  };
  return {
    answered(route, status, seconds) {
      let byStatus = byRoute.get(route);
      if (byStatus === undefined) {
        byStatus = new Map();
        byRoute.set(route, byStatus);
      }
      let times = byStatus.get(status);
      if (times === undefined) {
        const child = requests.labels(dialectOf(route), route, String(status));
        times = { seconds: [], observe: (time) => child.observe(time) };
        byStatus.set(status, times);
      }
      if (times.seconds.push(seconds) >= uncountedMax) count(times);
    },
    count() {
      for (const byStatus of byRoute.values()) for (const times of byStatus.values()) count(times);
    },
  };
}

type Watching = Pick<Metrics, 'batch' | 'attempted' | 'flushed' | 'troubled' | 'bucketsMoved'>;

function deliveryMeters(registry: Registry): Watching {
  const registers = [registry];
  const batches = new Histogram({
    name: 'portolan_record_batch_items',
    help: 'Items per batch of the recording path',
    labelNames: ['stage'],
    buckets: itemsBuckets,
    registers,
  });
  const flushes = new Histogram({
    name: 'portolan_delivery_flush_items',
    help: 'Outcomes stored by one statement',
    buckets: itemsBuckets,
    registers,
  });
  const attempts = new Counter({
    name: 'portolan_delivery_attempts_total',
    help: 'Attempts by outcome, and what became of the delivery',
    labelNames: ['dialect', 'outcome', 'ending'],
    registers,
  });
  const attemptSeconds = new Histogram({
    name: 'portolan_delivery_attempt_seconds',
    help: 'Time an attempt took',
    labelNames: ['dialect'],
    buckets: secondsBuckets,
    registers,
  });
  const troubles = new Counter({
    name: 'portolan_subscription_troubles_total',
    help: 'Subscriptions warned and disabled because their pushes fail',
    labelNames: ['what', 'reason'],
    registers,
  });
  const moves = new Counter({
    name: 'portolan_bucket_moves_total',
    help: 'Buckets that came and went',
    labelNames: ['move'],
    registers,
  });
  const attemptsOf = kept((...labels) => attempts.labels(...labels));
  const secondsOf = kept((dialect) => attemptSeconds.labels(dialect));
  return {
    batch: (stage, items) => batches.labels(stage).observe(items),
    flushed: (items) => flushes.observe(items),
    attempted: ({ dialect, outcome, ending, durationMs }) => {
      attemptsOf(dialect, outcome, ending).inc();
      secondsOf(dialect).observe(durationMs / 1000);
    },
    troubled: ({ what, reason }) => troubles.labels(what, reason).inc(),
    bucketsMoved: (move, buckets) => moves.labels(move).inc(buckets),
  };
}

function choreMeters(
  registry: Registry,
): Pick<Metrics, 'choreRan' | 'depth' | 'partitionsMissing'> {
  const registers = [registry];
  const chores = new Counter({
    name: 'portolan_chores_total',
    help: 'Runs of housekeeping',
    labelNames: ['chore', 'result'],
    registers,
  });
  const waiting = new Gauge({
    name: 'portolan_deliveries_waiting',
    help: 'Deliveries in the table by state; estimated above 20,000',
    labelNames: ['state'],
    registers,
  });
  const missing = new Gauge({
    name: 'portolan_partitions_missing',
    help: 'Months whose rows go to a default partition',
    registers,
  });
  return {
    choreRan: (chore, isGood) => chores.labels(chore, isGood ? 'done' : 'failed').inc(),
    depth: (depth) => {
      for (const [state, many] of Object.entries(depth)) waiting.labels(state).set(many);
    },
    partitionsMissing: (many) => missing.set(many),
  };
}

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const times = requestTimes(registry, options);
  return {
    answered: times.answered,
    ...deliveryMeters(registry),
    ...choreMeters(registry),
    watch: (sources) => gauges(registry, sources),
    read: async () => {
      times.count();
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
