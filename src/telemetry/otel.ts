/**
 * Traces by OpenTelemetry, posted as OTLP JSON. Nothing is registered globally: contexts are handed
 * to every span, and only the request under way is kept in an asynchronous context.
 */
import {
  type Attributes,
  type Context,
  DiagLogLevel,
  diag,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
} from '@opentelemetry/semantic-conventions';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';
import type { AttemptToTrace, RequestToTrace, Tracing, TracingSettings } from './tracing.ts';

export interface TracingParts {
  readonly settings: TracingSettings;
  readonly version: string;
  /** Told when spans could not be sent. */
  readonly onTrouble: (message: string) => void;
}

/** Spans wait here while the collector is slow; beyond, they are dropped: traces are no record. */
const spansWaitingMax = 8_192;
const spansPerPost = 1_024;
/** With all its tries; stopping waits for the last one. */
const exportMsMax = 2_500;
const linksMax = 128;

export function createTracing({ settings, version, onTrouble }: TracingParts): Tracing {
  const { url, headers, serviceName, attributes } = settings;
  diag.setLogger(diagnosticsTo(onTrouble), DiagLogLevel.ERROR);
  const exporter = new OTLPTraceExporter({
    ...{ url, headers: { ...headers }, timeoutMillis: exportMsMax },
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      ...attributes,
      [ATTR_SERVICE_NAME]: serviceName,
      [ATTR_SERVICE_VERSION]: version,
    }),
    sampler: samplerOf(settings),
    spanLimits: { linkCountLimit: linksMax },
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        maxQueueSize: spansWaitingMax,
        maxExportBatchSize: spansPerPost,
        // The exporter gives up first, and says why.
        exportTimeoutMillis: 2 * exportMsMax,
      }),
    ],
  });
  const tracer = provider.getTracer('portolan', version);
  const contexts = new AsyncLocalStorageContextManager().enable();
  return {
    request: (given) => traceRequest(tracer, contexts, given),
    current: () => {
      const span = trace.getSpanContext(contexts.active());
      return span === undefined ? undefined : formatTraceparent(span);
    },
    batch: (traceparents, work) => traceBatch(tracer, traceparents, work),
    attempt: (given) => traceAttempt(tracer, given),
    close: async () => {
      await provider.shutdown().catch((error: Error) => onTrouble(error.message));
      contexts.disable();
      diag.disable();
    },
  };
}

function diagnosticsTo(onTrouble: (message: string) => void) {
  const ignore = () => undefined;
  const tell = (text: string) => onTrouble(messageIn(text));
  return { error: tell, warn: ignore, info: ignore, debug: ignore, verbose: ignore };
}

/** An error comes as JSON with its stack; one line is enough for a log. */
function messageIn(text: string): string {
  try {
    const { message }: { message?: unknown } = JSON.parse(text);
    return typeof message === 'string' ? message : text;
  } catch {
    return text;
  }
}

function samplerOf({ sampler, ratio }: TracingSettings): Sampler {
  const root = sampler.endsWith('always_off')
    ? new AlwaysOffSampler()
    : sampler.endsWith('traceidratio')
      ? new TraceIdRatioBasedSampler(ratio)
      : new AlwaysOnSampler();
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

/** The context of someone else's span; the empty one where there is none. */
function remote(traceparent: string | undefined): Context {
  const parsed = parseTraceparent(traceparent);
  if (parsed === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { ...parsed, isRemote: true });
}

function traceRequest(
  tracer: Tracer,
  contexts: AsyncLocalStorageContextManager,
  { method, route, traceparent }: RequestToTrace,
) {
  const parent = remote(traceparent);
  const attributes = { [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_HTTP_ROUTE]: route };
  const options = { kind: SpanKind.SERVER, attributes };
  const span = tracer.startSpan(`${method} ${route}`, options, parent);
  const context = trace.setSpan(parent, span);
  return {
    traceId: span.spanContext().traceId,
    run: (work: () => void) => contexts.with(context, work),
    ended: (status: number, organization: string | undefined) => {
      span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status);
      if (organization !== undefined) span.setAttribute('portolan.organization', organization);
      if (status >= 500) fail(span, String(status));
      span.end();
    },
  };
}

function fail(span: Span, type: string): void {
  span.setAttribute(ATTR_ERROR_TYPE, type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** Links beyond the limit are cut off; the count tells how many events there were. */
async function traceBatch<T>(
  tracer: Tracer,
  traceparents: readonly (string | undefined)[],
  work: () => Promise<T>,
): Promise<T> {
  const links: Link[] = [...new Set(traceparents)].flatMap((traceparent) => {
    const context = trace.getSpanContext(remote(traceparent));
    return context === undefined ? [] : [{ context }];
  });
  const attributes: Attributes = { 'portolan.batch.events': traceparents.length };
  const options = { kind: SpanKind.INTERNAL, attributes, links };
  const span = tracer.startSpan('record batch', options, ROOT_CONTEXT);
  try {
    return await work();
  } catch (error) {
    fail(span, error instanceof Error ? error.name : 'unknown');
    throw error;
  } finally {
    span.end();
  }
}

function traceAttempt(tracer: Tracer, given: AttemptToTrace): ReturnType<Tracing['attempt']> {
  const attributes: Attributes = {
    [ATTR_HTTP_REQUEST_METHOD]: 'POST',
    [ATTR_HTTP_REQUEST_RESEND_COUNT]: given.attempt - 1,
    [ATTR_SERVER_ADDRESS]: given.host,
    'portolan.delivery': given.delivery,
    'portolan.subscription': given.subscription,
    'portolan.organization': given.organization,
    'portolan.dialect': given.dialect,
  };
  const options = { kind: SpanKind.CLIENT, attributes };
  const span = tracer.startSpan('push', options, remote(given.traceparent));
  return {
    traceparent: formatTraceparent(span.spanContext()),
    ended: ({ outcome, stage, status }) => {
      span.setAttribute('portolan.outcome', outcome);
      if (status !== undefined) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status);
      if (outcome !== 'delivered') fail(span, String(status ?? stage ?? outcome));
      span.end();
    },
  };
}
