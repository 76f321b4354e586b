/** Wiring: the one place that constructs things, from the outside in, and takes them down again. */
import { randomFillSync, randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { type Config, ConfigError } from './config.ts';
import { createDelivery, type DeliveryEngine } from './delivery/engine.ts';
import { createGuard, type Guard, parseAllowList } from './delivery/guard/index.ts';
import { createSecrets } from './delivery/secrets.ts';
import { createSender } from './delivery/send.ts';
import { type Dialect, type Hub, unsaidIn } from './dialects/dialect.ts';
import { configureDialects, discoverDialects } from './dialects/discover.ts';
import { createRenderings } from './dialects/port-renderings.ts';
import { createDoor } from './door/server.ts';
import { createChores, startHousekeeping } from './housekeeping.ts';
import { createIdentity, type Identity } from './identity/index.ts';
import { checkMasterKey, loadKeys } from './identity/key-files.ts';
import { createOnce } from './identity/once.ts';
import { createProvisioning } from './identity/provisioning.ts';
import { registerIdentityRoutes } from './identity/routes.ts';
import { createIdSource } from './lib/id.ts';
import { listenUrl } from './lib/listen-url.ts';
import { packageVersion } from './lib/package-version.ts';
import { placeOfThisProcess } from './lib/process-place.ts';
import { createSealer, type Sealer } from './lib/seal.ts';
import { checkPort, listen } from './listen.ts';
import { checkDatabase, checkDataDir, startPrivate } from './preflight.ts';
import { type Database, isReachable, isUnavailable, openDatabase } from './store/database.ts';
import { createDeliveries } from './store/deliveries/index.ts';
import { createDocuments } from './store/documents/index.ts';
import { createPlanner, type Planner } from './store/documents/planner.ts';
import { createEvents } from './store/events/index.ts';
import { migrate } from './store/migrate.ts';
import { ensurePartitions } from './store/partitions.ts';
import { createRecorder, type Recorder } from './store/record/index.ts';
import { createSubscriptions } from './store/subscriptions/index.ts';
import { createUnits } from './store/units/index.ts';
import { createVocabulary, type KeptVocabulary } from './store/vocabulary/index.ts';
import { type Teardown, takeDown } from './teardown.ts';
import { createWatch, type Watch } from './watch.ts';

export interface App {
  /** Where it listens, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Drains: finishes what is under way, then closes everything. */
  readonly stop: () => Promise<void>;
}

const connectionsMax = 20;
const monthsAhead = 3;
const nowMs = () => Date.now();

function createNewId(): (bucket: number) => string {
  const source = createIdSource({ now: nowMs, random: (bytes) => randomFillSync(bytes) });
  return (bucket) => source.next(bucket);
}

async function openStore(config: Config, logger: Logger, teardown: Teardown): Promise<Database> {
  let connectionString = config.databaseUrl;
  if (connectionString === undefined) {
    const server = await startPrivate(config, logger);
    teardown.push(() => server.stop());
    connectionString = server.url;
  }
  const database = openDatabase({
    connectionString,
    connectionsMax,
    onError: (error) => logger.warn({ err: error }, 'a database connection was lost'),
  });
  teardown.push(() => database.close());
  if (config.databaseUrl !== undefined) await checkDatabase(database, config.databaseUrl);
  const applied = await migrate(database);
  if (applied.length > 0) logger.info({ applied }, 'schema migrated');
  await ensurePartitions({ database, nowMs, monthsAhead });
  return database;
}

interface Parts {
  readonly config: Config;
  readonly logger: Logger;
  readonly database: Database;
  readonly sealer: Sealer;
  readonly adminKey: string;
  readonly guard: Guard;
  readonly dialects: ReadonlyMap<string, Dialect>;
  readonly vocabulary: KeptVocabulary;
  readonly watch: Watch;
  readonly newId: (bucket: number) => string;
  /** Known once the door listens on its port. */
  readonly publicUrl: () => string;
}

function guardOf(config: Config): Guard {
  try {
    return createGuard({ allow: parseAllowList(config.webhookAllow.join(',')) });
  } catch (error) {
    throw new ConfigError('PORTOLAN_WEBHOOK_ALLOW', (error as Error).message);
  }
}

async function dialectsOf(config: Config): Promise<ReadonlyMap<string, Dialect>> {
  const dialects = await discoverDialects();
  try {
    return configureDialects(dialects, config.dialectOptions);
  } catch (error) {
    throw new ConfigError('PORTOLAN_DIALECT_OPTIONS', (error as Error).message);
  }
}

async function prepare(
  config: Config,
  logger: Logger,
  given: { teardown: Teardown; publicUrl: () => string; signal: AbortSignal },
): Promise<Parts> {
  const { teardown, publicUrl, signal } = given;
  const guard = guardOf(config);
  const dialects = await dialectsOf(config);
  await checkDataDir(config.dataDir);
  await checkPort(config);
  signal.throwIfAborted();
  // The database first: as root its folder's rights are settled while the folder is still empty.
  const database = await openStore(config, logger, teardown);
  const { masterKey, adminKey, adminKeyPath } = await loadKeys({
    dataDir: config.dataDir,
    ...(config.adminKey === undefined ? {} : { adminKey: config.adminKey }),
  });
  if (adminKeyPath !== undefined) {
    logger.info({ path: resolve(adminKeyPath) }, 'the admin key is in a file');
  }
  const sealer = createSealer(masterKey);
  await checkMasterKey(database, sealer);
  const watch = await createWatch({ config, logger, dialects, version: packageVersion() });
  teardown.push(async () => watch.tracing?.close());
  const newId = createNewId();
  const own = new Map([...dialects].map(([name, dialect]) => [name, dialect.vocabulary]));
  const vocabulary = await createVocabulary({ database, nowMs, own });
  return {
    ...{ config, logger, database, sealer, adminKey, guard, dialects, vocabulary, watch },
    ...{ newId, publicUrl },
  };
}

function createEngine(parts: Parts, teardown: Teardown): DeliveryEngine {
  const { database, dialects, guard, logger, newId, sealer, watch } = parts;
  const sender = createSender({ guard, nowMs });
  teardown.push(() => sender.close());
  return createDelivery({
    ...{ database, dialects, sender, sealer },
    vocabularyOf: parts.vocabulary.of,
    nowMs,
    random: Math.random,
    newId,
    processId: randomUUID(),
    place: placeOfThisProcess(),
    logger,
    version: packageVersion(),
    onAttempt: watch.metrics.attempted,
    onTrouble: watch.metrics.troubled,
    observer: watch.observer,
  });
}

function createStoreRecorder(parts: Parts, engine: DeliveryEngine): Recorder {
  return createRecorder({
    database: parts.database,
    nowMs,
    newId: parts.newId,
    handOver: engine.accept,
    unsaidIn: unsaidIn(parts.dialects, parts.vocabulary.of),
    onBatch: parts.watch.metrics.batch,
    tracing: parts.watch.tracing,
    logger: parts.logger,
  });
}

const wordsOf = (
  dialects: ReadonlyMap<string, Dialect>,
  words: (dialect: Dialect) => readonly string[] | undefined,
): ReadonlySet<string> =>
  new Set([...dialects.values()].flatMap((dialect) => words(dialect) ?? []));

async function createHub(
  parts: Parts,
  {
    engine,
    recorder,
    planner,
    identity,
  }: { engine: DeliveryEngine; recorder: Recorder; planner: Planner; identity: Identity },
): Promise<Hub> {
  const { database, dialects, guard, newId, publicUrl, sealer } = parts;
  const subscriptions = createSubscriptions({
    database,
    nowMs,
    newId,
    secrets: createSecrets({ sealer }),
    checkUrl: guard.checkUrl,
    onChange: engine.subscriptionChanged,
    unsaidIn: unsaidIn(dialects, parts.vocabulary.of),
  });
  return {
    nowMs,
    get publicUrl() {
      return publicUrl();
    },
    identity,
    record: recorder.record,
    units: createUnits({ database, nowMs, newId, planner }),
    events: createEvents({ database }),
    documents: createDocuments({ database, nowMs, newId, planner }),
    subscriptions: { ...subscriptions, ping: engine.ping },
    deliveries: createDeliveries({ database, nowMs, wake: engine.wake }),
    provisioning: await createProvisioning({
      database,
      nowMs,
      newId: () => newId(0),
      identity,
      known: {
        scopes: wordsOf(dialects, (dialect) => dialect.scopes),
        services: wordsOf(dialects, (dialect) => dialect.services),
        dialects: new Set(dialects.keys()),
      },
    }),
    vocabulary: parts.vocabulary,
    renderings: createRenderings(dialects, parts.vocabulary.of),
    once: createOnce({ database, sealer, nowMs }),
  };
}

async function openDoor(parts: Parts, hub: Hub, identity: Identity) {
  const { config, database, dialects, logger } = parts;
  const { metrics, tracing } = parts.watch;
  return createDoor({
    healthOnly: !config.roles.has('door'),
    publicUrl: config.publicUrl,
    dialects,
    hub,
    logger,
    isUnavailable,
    isReady: () => isReachable(database),
    metrics: metrics.read,
    onAnswer: metrics.answered,
    traceRequest: tracing?.request,
    extraRoutes: (app) => registerIdentityRoutes(app, identity),
  });
}

/**
 * Starts the hub and resolves when it listens. Leaves nothing behind when it fails, nor when the
 * signal calls the start off: it then rejects with the signal's reason.
 */
export async function startApp(config: Config, logger: Logger, signal: AbortSignal): Promise<App> {
  const teardown: Teardown = [];
  let publicUrl = config.publicUrl ?? listenUrl(config.host, config.port);
  try {
    const parts = await prepare(config, logger, { teardown, signal, publicUrl: () => publicUrl });
    signal.throwIfAborted();
    const { database, sealer } = parts;
    const { metrics } = parts.watch;
    const identity = await createIdentity({
      ...{ database, sealer, nowMs, logger, adminKey: parts.adminKey },
      issuer: () => publicUrl,
    });
    teardown.push(async () => identity.close());
    const engine = createEngine(parts, teardown);
    const recorder = createStoreRecorder(parts, engine);
    const { connections } = database;
    metrics.watch({ nowMs, connections, recordWaiting: recorder.waiting, delivery: engine.stats });
    const planner = createPlanner({
      database,
      newId: parts.newId,
      record: recorder.record,
      logger,
    });
    const hub = await createHub(parts, { engine, recorder, planner, identity });
    const { vocabulary } = parts;
    const onChange = engine.subscriptionChanged;
    const chores = createChores({
      ...{ database, vocabulary, planner, nowMs, monthsAhead, onChange, logger, metrics },
      ...config.retention,
      unsaidIn: unsaidIn(parts.dialects, vocabulary.of),
    });
    teardown.push(startHousekeeping(chores, logger, metrics.choreRan));
    if (config.roles.has('delivery')) {
      await engine.start();
      teardown.push(engine.stop);
    }
    teardown.push(recorder.idle);
    teardown.push(planner.idle);
    const door = await openDoor(parts, hub, identity);
    teardown.push(() => door.close());
    signal.throwIfAborted();
    const port = await listen(door, config);
    publicUrl = config.publicUrl ?? listenUrl(config.host, port);
    return { url: listenUrl(config.host, port), stop: () => takeDown(teardown, logger) };
  } catch (error) {
    await takeDown(teardown, logger);
    throw error;
  }
}
