/**
 * The door: the one HTTP server in front of all dialects. It reads and limits requests, gives each
 * dialect a scope of its own, and answers every fault in the shape of the dialect it happened in.
 */
import { randomUUID } from 'node:crypto';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Dialect, Hub } from '../dialects/dialect.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { type Answerer, createAnswerer } from './answer.ts';
import { acceptBodies, bodyBytesMax } from './body.ts';
import { answerBrokenHttp } from './broken-http.ts';
import { refuseEncodings } from './encodings.ts';
import { limitRates } from './limits.ts';
import { watchMethods } from './methods.ts';
import { describeDialect, serveTryIt } from './openapi.ts';
import { type HealthOptions, serveHealth, serveStartPage } from './pages.ts';
import { type TraceIdOf, traceRequests } from './tracing.ts';
import { validatorCompiler } from './validate.ts';

export interface DoorOptions extends HealthOptions {
  /** Answers health and metrics alone: for a process that only delivers. */
  readonly healthOnly?: boolean;
  readonly dialects: ReadonlyMap<string, Dialect>;
  readonly hub: Hub;
  readonly logger: FastifyBaseLogger;
  /** The address set by the operator: named in the documents beside the one they are read from. */
  readonly publicUrl?: string | undefined;
  readonly isUnavailable: (error: unknown) => boolean;
  /** Routes of the hub that belong to no dialect, e.g. OpenID discovery. */
  readonly extraRoutes: (app: FastifyInstance) => void;
  /** Undefined: requests are not traced. */
  readonly traceRequest?: Tracing['request'] | undefined;
  /** Called after each answer: route pattern, status, seconds. */
  readonly onAnswer?: (route: string, status: number, seconds: number) => void;
}

const requestTimeoutMs = 30_000;
const keepAliveTimeoutMs = 75_000;
/** Open requests are answered within this once the door closes; deliveries need time after it. */
const closeTimeoutMs = 2_000;
const pathParameterCharactersMax = 500;
const slowMs = 1_000;

function createServer(options: DoorOptions, answerer: Answerer): FastifyInstance {
  const app = Fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    // A child logger per request costs more than reading the request; our lines carry its id.
    childLoggerFactory: (parent) => parent,
    // Told to callers, who quote it: never the same again, and no count of others' requests.
    genReqId: () => randomUUID(),
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    routerOptions: { maxParamLength: pathParameterCharactersMax },
    forceCloseConnections: 'idle',
    clientErrorHandler: answerBrokenHttp,
    frameworkErrors: (error, request, reply) => {
      answerer.fault(error, request as never, reply as never);
    },
  });
  app.decorateRequest('principal', undefined);
  app.setValidatorCompiler(validatorCompiler);
  refuseEncodings(app);
  acceptBodies(app);
  app.setErrorHandler((error, request, reply) => answerer.fault(error, request, reply));
  app.setNotFoundHandler(answerer.notFound);
  // Before the body is read: what is nowhere has no body to find faults with.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) answerer.notFound(request, reply);
    else done();
  });
  return app;
}

/** A client that never ends its request must not keep the rest of the hub from stopping well. */
function endSlowRequests(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    const end = () => app.server.closeAllConnections();
    const timer = setTimeout(end, closeTimeoutMs).unref();
    app.server.once('close', () => clearTimeout(timer));
  });
}

/** One wide line per request: what failed or was slow at `info`, the rest at `debug`. */
function logAnswers(
  app: FastifyInstance,
  { logger, onAnswer }: DoorOptions,
  traceIdOf: TraceIdOf | undefined,
): void {
  const isTold = { info: true, debug: ['debug', 'trace'].includes(logger.level) };
  // With callbacks, like every hook that all requests pass: a promise costs more than its work.
  const tell = (request: FastifyRequest, reply: FastifyReply): void => {
    const route = request.routeOptions.url ?? 'none';
    const { statusCode: status, elapsedTime } = reply;
    onAnswer?.(route, status, elapsedTime / 1000);
    const level = status >= 400 || elapsedTime > slowMs ? 'info' : 'debug';
    if (!isTold[level]) return;
    logger[level](
      {
        requestId: request.id,
        trace: traceIdOf?.(request),
        method: request.method,
        route,
        status,
        durationMs: Math.round(elapsedTime * 10) / 10,
        organization: request.principal?.organization,
        caller: request.principal?.id,
      },
      'answered',
    );
  };
  // With a callback, like every hook that all requests pass: a promise costs more than its work.
  app.addHook('onResponse', (request, reply, done) => {
    tell(request, reply);
    done();
  });
}

async function serveDialect(
  scope: FastifyInstance,
  { dialect, answerer, options }: { dialect: Dialect; answerer: Answerer; options: DoorOptions },
): Promise<void> {
  scope.setErrorHandler((error, request, reply) =>
    answerer.fault(error, request, reply, dialect.renderProblem),
  );
  await describeDialect(scope, dialect, options.publicUrl);
  const watch = watchMethods(scope);
  dialect.routes(scope, options.hub);
  watch.close();
}

/** The door, ready to listen. */
export async function createDoor(options: DoorOptions): Promise<FastifyInstance> {
  const { hub, logger, healthOnly = false } = options;
  const dialects = healthOnly ? new Map<string, Dialect>() : options.dialects;
  const answerer = createAnswerer({
    dialects,
    nowMs: hub.nowMs,
    isUnavailable: options.isUnavailable,
    onUnexpected: (error) => logger.error({ err: error }, 'unexpected error'),
  });
  const app = createServer(options, answerer);
  endSlowRequests(app);
  logAnswers(app, options, options.traceRequest && traceRequests(app, options.traceRequest));
  await limitRates(app);
  await app.register(async (scope) => {
    const watch = watchMethods(scope);
    serveHealth(scope, options);
    if (!healthOnly) {
      await serveStartPage(scope, dialects.values());
      options.extraRoutes(scope);
    }
    watch.close();
  });
  for (const dialect of dialects.values()) {
    await app.register((scope) => serveDialect(scope, { dialect, answerer, options }));
  }
  if (!healthOnly) await serveTryIt(app, dialects.values());
  return app;
}
