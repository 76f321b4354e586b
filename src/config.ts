/** Every setting, read once at start from the environment: the only place that reads it. */
import { samplerNames, type TracingSettings } from './telemetry/tracing.ts';

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly adminKey: string | undefined;
  readonly publicUrl: string | undefined;
  /** CIDRs and host names that callbacks may reach although they are not public. */
  readonly webhookAllow: readonly string[];
  readonly roles: ReadonlySet<Role>;
  readonly logLevel: LogLevel;
  readonly retention: Retention;
  /** Undefined: no traces. */
  readonly tracing: TracingSettings | undefined;
  /** Options of dialects by their names; each dialect checks its own. */
  readonly dialectOptions: Readonly<Record<string, unknown>>;
}

/** Days that history is kept; undefined is for ever. */
export interface Retention {
  readonly eventsDays: number | undefined;
  readonly attemptsDays: number | undefined;
}

export const ROLES = ['door', 'delivery', 'views'] as const;
export type Role = (typeof ROLES)[number];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A wrong setting; the message names it and fits on one line. */
export class ConfigError extends Error {
  readonly setting: string;

  constructor(setting: string, message: string) {
    super(`${setting}: ${message}`);
    this.name = 'ConfigError';
    this.setting = setting;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Empty means not set: that is what an unset variable in a compose file looks like. */
function read(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

function readPort(environment: Environment): number {
  const text = read(environment, 'PORT') ?? '8080';
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new ConfigError('PORT', 'is not a port number from 0 to 65535');
  }
  return port;
}

function readUrl(environment: Environment, name: string, schemes: readonly string[]) {
  const text = read(environment, name);
  if (text === undefined) return undefined;
  if (!URL.canParse(text) || !schemes.includes(new URL(text).protocol)) {
    throw new ConfigError(name, `is not a URL beginning with ${schemes.join('// or ')}//`);
  }
  return text.replace(/\/+$/, '');
}

/** Paths are put behind it, and tokens are compared with it: nothing else may be in it. */
function readPublicUrl(environment: Environment): string | undefined {
  const name = 'PORTOLAN_PUBLIC_URL';
  const text = readUrl(environment, name, ['http:', 'https:']);
  if (text !== undefined && /[?#@\s]/.test(text)) {
    throw new ConfigError(name, 'has to be scheme, host, port and path alone');
  }
  return text;
}

function readWord<const T extends string>(name: string, text: string, words: readonly T[]): T {
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new ConfigError(name, `has to be of ${words.join(', ')}`);
  return word;
}

const list = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

function readAdminKey(environment: Environment): string | undefined {
  const key = read(environment, 'PORTOLAN_ADMIN_KEY');
  if (key !== undefined && !/^[\x21-\x7e]{8,512}$/.test(key)) {
    throw new ConfigError('PORTOLAN_ADMIN_KEY', 'needs 8 to 512 visible ASCII characters');
  }
  return key;
}

const daysMax = 36_500;

/** `forever` is told from not set, so that a default can be overruled. */
function readDays(environment: Environment, name: string, usual: string): number | undefined {
  const text = read(environment, name) ?? usual;
  if (text === 'forever') return undefined;
  const days = Number(text);
  if (!/^\d{1,5}$/.test(text) || days < 1 || days > daysMax) {
    throw new ConfigError(name, `is neither whole days from 1 to ${daysMax} nor forever`);
  }
  return days;
}

function readDialectOptions(environment: Environment): Readonly<Record<string, unknown>> {
  const name = 'PORTOLAN_DIALECT_OPTIONS';
  const text = read(environment, name);
  if (text === undefined) return {};
  let options: unknown;
  try {
    options = JSON.parse(text);
  } catch {
    throw new ConfigError(name, 'is not JSON');
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigError(name, 'is not a JSON object with a member for each dialect');
  }
  return { ...options };
}

/** `name=value,name=value` with percent-encoded values, as the standard writes headers and attributes. */
function readPairs(environment: Environment, name: string): Readonly<Record<string, string>> {
  const pairs = list(read(environment, name)).map((pair) => {
    const [, key, value] = /^([^=\s]+)\s*=\s*(.*)$/.exec(pair) ?? [];
    if (key === undefined || value === undefined) {
      throw new ConfigError(name, 'is not a list like name=value,name=value');
    }
    try {
      return [key, decodeURIComponent(value)];
    } catch {
      throw new ConfigError(name, 'has a value that is not percent-encoded');
    }
  });
  return Object.fromEntries(pairs);
}

/** Spans are posted as JSON, which every OTLP/HTTP receiver takes; gRPC is another door. */
function readTracesUrl(environment: Environment): string | undefined {
  const http = ['http:', 'https:'];
  const own = readUrl(environment, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', http);
  const base = readUrl(environment, 'OTEL_EXPORTER_OTLP_ENDPOINT', http);
  const name = 'OTEL_EXPORTER_OTLP_PROTOCOL';
  readWord(name, read(environment, name) ?? 'http/json', ['http/json', 'http/protobuf']);
  return own ?? (base === undefined ? undefined : `${base}/v1/traces`);
}

/** By the standard's own names, those that concern traces. Undefined without an endpoint. */
function readTracing(environment: Environment): TracingSettings | undefined {
  const isOff =
    read(environment, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true' ||
    read(environment, 'OTEL_TRACES_EXPORTER') === 'none';
  const url = isOff ? undefined : readTracesUrl(environment);
  if (url === undefined) return undefined;
  const sampler = read(environment, 'OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const ratio = Number(read(environment, 'OTEL_TRACES_SAMPLER_ARG') ?? '1');
  if (!(ratio >= 0 && ratio <= 1)) {
    throw new ConfigError('OTEL_TRACES_SAMPLER_ARG', 'is not a ratio from 0 to 1');
  }
  return {
    url,
    headers: readPairs(environment, 'OTEL_EXPORTER_OTLP_HEADERS'),
    serviceName: read(environment, 'OTEL_SERVICE_NAME') ?? 'portolan',
    attributes: readPairs(environment, 'OTEL_RESOURCE_ATTRIBUTES'),
    sampler: readWord('OTEL_TRACES_SAMPLER', sampler, samplerNames),
    ratio,
  };
}

/** Reads and checks all settings. Throws ConfigError. */
export function readConfig(environment: Environment): Config {
  const roles = list(read(environment, 'PORTOLAN_ROLES') ?? ROLES.join(','));
  if (roles.length === 0) throw new ConfigError('PORTOLAN_ROLES', 'names no role');
  return {
    host: read(environment, 'HOST') ?? '127.0.0.1',
    port: readPort(environment),
    databaseUrl: readUrl(environment, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    dataDir: read(environment, 'PORTOLAN_DATA_DIR') ?? './data',
    adminKey: readAdminKey(environment),
    publicUrl: readPublicUrl(environment),
    webhookAllow: list(read(environment, 'PORTOLAN_WEBHOOK_ALLOW')),
    roles: new Set(roles.map((role) => readWord('PORTOLAN_ROLES', role, ROLES))),
    logLevel: readWord(
      'PORTOLAN_LOG_LEVEL',
      read(environment, 'PORTOLAN_LOG_LEVEL') ?? 'info',
      LOG_LEVELS,
    ),
    retention: {
      eventsDays: readDays(environment, 'PORTOLAN_RETENTION_EVENTS_DAYS', 'forever'),
      attemptsDays: readDays(environment, 'PORTOLAN_RETENTION_ATTEMPTS_DAYS', '30'),
    },
    tracing: readTracing(environment),
    dialectOptions: readDialectOptions(environment),
  };
}
