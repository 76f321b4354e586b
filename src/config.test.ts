import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

describe('readConfig', () => {
  it('has the documented defaults', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      databaseUrl: undefined,
      dataDir: './data',
      adminKey: undefined,
      publicUrl: undefined,
      webhookAllow: [],
      roles: new Set(['door', 'delivery', 'views']),
      logLevel: 'info',
      retention: { eventsDays: undefined, attemptsDays: 30 },
      tracing: undefined,
      dialectOptions: {},
    });
  });

  it('takes an empty variable as not set', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: ' ', HOST: '' })).toEqual(readConfig({}));
  });

  it('reads every setting', () => {
    const config = readConfig({
      HOST: '::1',
      PORT: '0',
      DATABASE_URL: 'postgres://u:p@db/portolan',
      PORTOLAN_DATA_DIR: '/srv/portolan',
      PORTOLAN_ADMIN_KEY: 'a-long-enough-key',
      PORTOLAN_PUBLIC_URL: 'https://hub.example.com/',
      PORTOLAN_WEBHOOK_ALLOW: '127.0.0.0/8, ::1/128 ,hooks.internal',
      PORTOLAN_ROLES: 'door,delivery',
      PORTOLAN_LOG_LEVEL: 'warn',
      PORTOLAN_RETENTION_EVENTS_DAYS: '365',
      PORTOLAN_RETENTION_ATTEMPTS_DAYS: 'forever',
      PORTOLAN_DIALECT_OPTIONS: '{"probe":{"days":5}}',
    });
    expect(config.retention).toEqual({ eventsDays: 365, attemptsDays: undefined });
    expect(config).toMatchObject({ host: '::1', port: 0, dataDir: '/srv/portolan' });
    expect(config.publicUrl).toBe('https://hub.example.com');
    expect(config.webhookAllow).toEqual(['127.0.0.0/8', '::1/128', 'hooks.internal']);
    expect(config.roles).toEqual(new Set(['door', 'delivery']));
    expect(config.dialectOptions).toEqual({ probe: { days: 5 } });
  });

  it('traces where an exporter is named, by the standard names', () => {
    const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
    expect(readConfig(base).tracing).toEqual({
      url: 'http://collector:4318/v1/traces',
      headers: {},
      serviceName: 'portolan',
      attributes: {},
      sampler: 'parentbased_always_on',
      ratio: 1,
    });
    const all = readConfig({
      ...base,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example.com/otlp',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc, x-team=a=b',
      OTEL_SERVICE_NAME: 'hub-east',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.1',
    });
    expect(all.tracing).toEqual({
      url: 'https://traces.example.com/otlp',
      headers: { authorization: 'Bearer abc', 'x-team': 'a=b' },
      serviceName: 'hub-east',
      attributes: { 'deployment.environment.name': 'test' },
      sampler: 'traceidratio',
      ratio: 0.1,
    });
    expect(readConfig({ ...base, OTEL_SDK_DISABLED: 'true' }).tracing).toBeUndefined();
    expect(readConfig({ ...base, OTEL_TRACES_EXPORTER: 'none' }).tracing).toBeUndefined();
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'nonsense'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=%zz'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', '2'],
  ])('refuses %s=%s, where traces are exported', (name, value) => {
    const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
    expect(() => readConfig({ ...base, [name]: value })).toThrow(new RegExp(`^${name}: [^\\n]+$`));
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80a'],
    ['DATABASE_URL', 'mysql://x'],
    ['DATABASE_URL', 'nonsense'],
    ['PORTOLAN_PUBLIC_URL', 'ftp://x'],
    ['PORTOLAN_PUBLIC_URL', 'https://hub.example.com/?a=1'],
    ['PORTOLAN_PUBLIC_URL', 'https://hub.example.com/#top'],
    ['PORTOLAN_PUBLIC_URL', 'https://me:secret@hub.example.com'],
    ['PORTOLAN_ADMIN_KEY', 'short'],
    ['PORTOLAN_ADMIN_KEY', 'with a space in it'],
    ['PORTOLAN_ROLES', 'door,cook'],
    ['PORTOLAN_ROLES', ','],
    ['PORTOLAN_LOG_LEVEL', 'loud'],
    ['PORTOLAN_RETENTION_EVENTS_DAYS', '0'],
    ['PORTOLAN_RETENTION_EVENTS_DAYS', '1.5'],
    ['PORTOLAN_RETENTION_ATTEMPTS_DAYS', '-30'],
    ['PORTOLAN_RETENTION_ATTEMPTS_DAYS', '36501'],
    ['PORTOLAN_RETENTION_ATTEMPTS_DAYS', 'never'],
    ['PORTOLAN_DIALECT_OPTIONS', '{probe:1}'],
    ['PORTOLAN_DIALECT_OPTIONS', '[]'],
    ['PORTOLAN_DIALECT_OPTIONS', 'null'],
  ])('refuses %s=%s in one line that names it', (name, value) => {
    const attempt = () => readConfig({ [name]: value });
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(new RegExp(`^${name}: [^\\n]+$`));
  });
});
