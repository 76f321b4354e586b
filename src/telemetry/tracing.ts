/**
 * Traces, as the rest of the hub sees them. They exist only where an exporter is configured: then
 * `otel.ts` is loaded, which no other file imports. Without one there is no `Tracing`, and nothing
 * is computed for it.
 */

export interface TracingSettings {
  /** Where spans are posted as OTLP JSON, e.g. `http://127.0.0.1:4318/v1/traces`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  /** Further attributes of this process, e.g. `deployment.environment.name`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly sampler: SamplerName;
  /** In [0, 1], for the samplers that take a ratio. */
  readonly ratio: number;
}

/** As OTEL_TRACES_SAMPLER names them. */
export const samplerNames = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof samplerNames)[number];

export interface RequestToTrace {
  readonly method: string;
  /** The pattern, not the path. */
  readonly route: string;
  /** As the caller sent it. */
  readonly traceparent: string | undefined;
}

export interface TracedRequest {
  /** 32 hexadecimal digits, for log lines. */
  readonly traceId: string;
  /** Runs the rest of the request so that `current` knows it. */
  readonly run: (work: () => void) => void;
  readonly ended: (status: number, organization: string | undefined) => void;
}

export interface AttemptToTrace {
  readonly traceparent: string | undefined;
  readonly delivery: string;
  readonly subscription: string;
  readonly organization: string;
  readonly dialect: string;
  readonly host: string;
  readonly attempt: number;
}

export interface AttemptEnd {
  readonly outcome: string;
  readonly stage?: string | undefined;
  readonly status?: number | undefined;
}

export interface TracedAttempt {
  readonly traceparent: string;
  readonly ended: (end: AttemptEnd) => void;
}

export interface Tracing {
  readonly request: (given: RequestToTrace) => TracedRequest;
  /** The `traceparent` of the request in which this is called. */
  readonly current: () => string | undefined;
  /** A batch belongs to many requests: its span has links to theirs. */
  readonly batch: <T>(
    traceparents: readonly (string | undefined)[],
    work: () => Promise<T>,
  ) => Promise<T>;
  readonly attempt: (given: AttemptToTrace) => TracedAttempt;
  /** Sends what is left. */
  readonly close: () => Promise<void>;
}
