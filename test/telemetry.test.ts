/**
 * What watches the hub, on a whole hub in this process: metrics that the operations guide names, and
 * traces from request to receipt, sent to a real receiver of OTLP over HTTP.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type App, startApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { packageRoot } from '../src/lib/package-root.ts';
import { bodyOf, request } from './support/client.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { answer, type Receiver, startReceiver } from './support/receiver.ts';

const adminKey = 'an-admin-key-for-tests';
let test: TestDatabase;
let folder: string;
let receiver: Receiver;
let collector: Receiver;
let app: App | undefined;
let lines: Record<string, unknown>[];

beforeEach(async () => {
  [test, receiver, collector, folder] = await Promise.all([
    createTestDatabase(),
    startReceiver(),
    startReceiver(answer({ status: 200, body: '{}' })),
    mkdtemp(join(tmpdir(), 'portolan-telemetry-')),
  ]);
  lines = [];
});
afterEach(async () => {
  await app?.stop();
  await Promise.all([receiver.close(), collector.close(), test.drop()]);
  await rm(folder, { recursive: true, force: true });
});

async function start(environment: Readonly<Record<string, string>> = {}): Promise<App> {
  const config = readConfig({
    ...{ PORT: '0', DATABASE_URL: test.url, PORTOLAN_DATA_DIR: folder },
    ...{ PORTOLAN_ADMIN_KEY: adminKey, PORTOLAN_WEBHOOK_ALLOW: '127.0.0.0/8' },
    ...environment,
  });
  const write = (line: string) => void lines.push(JSON.parse(line));
  app = await startApp(config, pino({ level: 'debug' }, { write }), new AbortController().signal);
  return app;
}

const call = (path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST') =>
  request<{ id: string; events: { id: string }[] }>(`${app?.url}/hub/v1${path}`, {
    ...{ method, token: adminKey, body, headers },
  });

/** An organization with a unit and a subscription; the subscription's id. */
async function furnish(): Promise<string> {
  const { id } = bodyOf(await call('/organizations', { name: 'Terminal' }), 201);
  const unit = { reference: 'LOT-1', freightFamily: 'BreakBulk', organization: id };
  bodyOf(await call('/handling-units', unit, {}, 'PUT'), 201);
  const wish = { url: `${receiver.url}/hook`, organization: id, filter: { reference: 'LOT-1' } };
  return bodyOf(await call('/subscriptions', wish), 201).id;
}

async function register(occurredAt: string, headers: Record<string, string> = {}): Promise<string> {
  const event = { unit: { reference: 'LOT-1' }, type: 'gated-in', occurredAt };
  return bodyOf(await call('/events', event, headers), 201).events[0]?.id ?? '';
}

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}

interface Posted {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Span['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

function posted(): Posted['resourceSpans'] {
  return collector.requests.flatMap(
    ({ body }) => (JSON.parse(body.toString()) as Posted).resourceSpans,
  );
}

const spans = () => posted().flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans));

const traceId = randomBytes(16).toString('hex');
const callerSpan = randomBytes(8).toString('hex');
const traceparent = `00-${traceId}-${callerSpan}-01`;

describe('traces', () => {
  const exporting = () => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-team=freight',
    OTEL_SERVICE_NAME: 'hub-under-test',
  });

  it('go from the caller through the request to the push, with the batch linked', async () => {
    await start(exporting());
    await furnish();
    await register('2026-11-01T10:00:00Z', { traceparent });
    const [push] = await receiver.next();
    await app?.stop();
    app = undefined;
    const own = spans().filter((span) => span.traceId === traceId);
    const served = own.find(({ name }) => name === 'POST /hub/v1/events');
    const pushed = own.find(({ name }) => name === 'push');
    expect(served?.parentSpanId).toBe(callerSpan);
    expect(pushed?.parentSpanId).toBe(served?.spanId);
    expect(push?.headers['traceparent']).toBe(`00-${traceId}-${pushed?.spanId}-01`);
    const batch = spans().find(({ name }) => name === 'record batch');
    expect(batch?.links).toMatchObject([{ traceId, spanId: served?.spanId }]);
    expect(batch?.traceId).not.toBe(traceId);
    const told = lines.filter(({ trace }) => trace === traceId).map(({ msg }) => msg);
    expect(told.sort()).toEqual(['answered', 'attempt']);
    expect(collector.requests.every(({ path }) => path === '/v1/traces')).toBe(true);
    expect(collector.requests[0]?.headers['x-team']).toBe('freight');
    expect(posted()[0]?.resource.attributes).toContainEqual({
      ...{ key: 'service.name', value: { stringValue: 'hub-under-test' } },
    });
  });

  it('are kept with the event, for pushes that come much later', async () => {
    await start(exporting());
    const subscription = await furnish();
    const path = `/subscriptions/${subscription}`;
    bodyOf(await call(path, { state: 'paused' }, {}, 'PATCH'));
    await register('2026-11-01T10:00:00Z', { traceparent });
    await app?.stop();
    await start(exporting());
    bodyOf(await call(path, { state: 'active' }, {}, 'PATCH'));
    const [push] = await receiver.next();
    expect(push?.headers['traceparent']).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  });

  it('that the caller does not sample are handed on, and not exported', async () => {
    await start(exporting());
    await furnish();
    await register('2026-11-01T10:00:00Z', { traceparent: traceparent.replace(/01$/, '00') });
    const [push] = await receiver.next();
    await app?.stop();
    app = undefined;
    expect(push?.headers['traceparent']).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    expect(spans().filter((span) => span.traceId === traceId)).toEqual([]);
  });

  it('harm nobody when the collector is away: it is said, and the hub stops in time', async () => {
    await collector.close();
    await start(exporting());
    await furnish();
    await register('2026-11-01T10:00:00Z');
    await receiver.next();
    await app?.stop();
    app = undefined;
    const told = lines.filter(({ msg }) => msg === 'traces not sent');
    expect(told[0]?.['detail']).toMatch(/^connect ECONNREFUSED [^\n]+$/);
    expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    collector = await startReceiver();
  });

  it('cost nothing without an exporter: no header, no row, no module', async () => {
    await start();
    await furnish();
    await register('2026-11-01T10:00:00Z', { traceparent });
    const [push] = await receiver.next();
    expect(push?.headers['traceparent']).toBeUndefined();
    expect(await test.database.query('select from events where traceparent is not null')).toEqual(
      [],
    );
    const watch = await readFile(join(packageRoot(), 'src/watch.ts'), 'utf8');
    expect(watch.match(/'.*otel\.ts'/g)).toEqual(["'./telemetry/otel.ts'"]);
    expect(watch).toContain("await import('./telemetry/otel.ts')");
  });
});

/** Metrics by their names, without the suffixes that a histogram's series have. */
function namesIn(text: string): Set<string> {
  return new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map((match) => match[1] ?? ''));
}

const openLabels = new Set(['dialect', 'route', 'status']);

/** Labels of our metrics, and their words where they are few, that the line of the metric does not name. */
function unsaidLabels(text: string, told: string): string[] {
  const rows = new Map(
    [...told.matchAll(/^\| `(portolan_\w+)`.*$/gm)].map((row) => [row[1], row[0]]),
  );
  const series = text.matchAll(/^(portolan_\w+?)(?:_bucket|_sum|_count)?\{(.+)\} /gm);
  const unsaid = [...series].flatMap(([, name, labels = '']) =>
    [...labels.matchAll(/(\w+)="([^"]*)"/g)]
      .filter(([, label]) => label !== 'le')
      .flatMap(([, label = '', word = '']) => (openLabels.has(label) ? [label] : [label, word]))
      .filter((word) => rows.get(name)?.includes(`\`${word}\``) !== true)
      .map((word) => `${name}: ${word}`),
  );
  return [...new Set(unsaid)];
}

describe('metrics', () => {
  it('are those that the operations guide names, and their labels are few', async () => {
    await start();
    await furnish();
    await register('2026-11-01T10:00:00Z');
    await receiver.next();
    const { text } = await request(`${app?.url}/metrics`);
    const told = await readFile(join(packageRoot(), 'docs/operations.md'), 'utf8');
    const named = new Set(
      [...told.matchAll(/\b(?:portolan|nodejs|process)_[a-z0-9_]+/g)].map(([name]) =>
        name.replace(/_(bucket|sum|count)$/, ''),
      ),
    );
    const known = namesIn(text);
    // Some of the process itself are to be had on Linux only.
    const isSure = (name: string) => name.startsWith('portolan_') || process.platform === 'linux';
    expect([...named].filter((name) => !known.has(name) && isSure(name))).toEqual([]);
    expect([...known].filter((name) => !named.has(name))).toEqual([]);
    expect(unsaidLabels(text, told)).toEqual([]);
    // No id of anything may become a label: each would be a series for good.
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    expect(text).toMatch(
      /portolan_http_request_seconds_count\{dialect="hub",route="\/hub\/v1\/events",status="201"\} 1/,
    );
    expect(text).toMatch(/portolan_buckets 256/);
    expect(text).toMatch(/portolan_lanes\{breaker="closed"\} 1/);
  });
});

it('alerts of the operations guide say what to do, each by metrics that there are', async () => {
  const told = await readFile(join(packageRoot(), 'docs/operations.md'), 'utf8');
  const yaml = /```yaml\n([\s\S]*?)```/.exec(told)?.[1] ?? '';
  const rules = yaml.split('- alert: ').slice(1);
  expect(rules.length).toBeGreaterThan(10);
  for (const rule of rules) {
    expect(rule).toMatch(/^\w+\n +expr: /);
    expect(rule).toMatch(/annotations:\n +summary: \S.*\n +action: \S/);
    expect(rule).toMatch(/\b(up|portolan_\w+|nodejs_\w+)\b/);
  }
});

it('no transaction is held open while a receiver takes its time', async () => {
  await start();
  await furnish();
  let release: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  receiver.script(answer({ until }));
  await register('2026-11-01T10:00:00Z');
  await receiver.next();
  const idle = `select query from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%'`;
  await expect.poll(() => test.database.query(idle), { interval: 10 }).toEqual([]);
  release();
});

describe('log lines', () => {
  it('are one for the request and one for the attempt, wide and without secrets', async () => {
    await start();
    const subscription = await furnish();
    const event = await register('2026-11-01T10:00:00Z');
    await receiver.next();
    await app?.stop();
    app = undefined;
    const attempts = lines.filter(({ msg }) => msg === 'attempt');
    expect(attempts).toMatchObject([
      {
        ...{ subscription, event, dialect: 'hub', sequence: 1, attempt: 1 },
        ...{ outcome: 'delivered', status: 204, ending: 'delivered' },
        host: new URL(receiver.url).host,
        delivery: expect.any(String),
        organization: expect.any(String),
        durationMs: expect.any(Number),
      },
    ]);
    const served = lines.filter(({ route }) => route === '/hub/v1/events');
    expect(served).toMatchObject([{ method: 'POST', status: 201, msg: 'answered' }]);
    const all = JSON.stringify(lines);
    expect(all).not.toContain('whsec_');
    expect(all).not.toContain(adminKey);
    expect(all).not.toContain('/hook');
  });
});
