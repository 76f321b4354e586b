/** What every answer has to hold to, whatever was asked; and each dialect's own shape of a fault. */
import type { FuzzRequest } from './requests.ts';

export interface FuzzAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/**
 * Marks of an inside that nobody outside should see: SQL, PostgreSQL's messages, stacks, paths of
 * this machine. No request of the suite holds one of them.
 */
const leaks: readonly RegExp[] = [
  /\b(select|insert into|update \w+ set|delete from|returning)\s/i,
  /violates|syntax error|duplicate key|null value in column|invalid (input|byte)|out of range for/i,
  /relation "|column "|constraint "|deadlock detected|(?<![\w-])pg_[a-z]{3}|\bSQLSTATE\b|ECONN|ENOENT|EACCES/,
  /node_modules|node:internal|\bat (async )?[\w.<>]+ \(|\bat \/|\bat file:|\w*Error:|\.[jt]s:\d+/,
  /(^|[\s"'(=])\/(home|root|tmp|var|usr|opt|work|app|srv|proc)\//,
];

/** What a careless message says; stored texts may hold it, so only faults are searched. */
const careless = /\bundefined\b|\[object |\bNaN\b/;

type Members = Readonly<Record<string, unknown>>;

/** The members of a fault by name: `text`, `number`, `object`, `?` for those that may be missing. */
type Shape = Readonly<Record<string, 'text' | 'number' | 'object' | 'object?' | 'list?' | 'text?'>>;

const plain: Shape = {
  type: 'text',
  title: 'text',
  status: 'number',
  detail: 'text',
  code: 'text',
};
const oauth: Shape = { error: 'text', error_description: 'text' };
const business: Shape = { status: 'text', timestamp: 'text', code: 'text', message: 'text' };

/** By the longest prefix that fits; a dialect that is not here has to answer JSON objects. */
const shapes: readonly (readonly [prefix: string, shape: Shape])[] = [
  ['/hub/v1', { ...plain, instance: 'text', requestId: 'text', errors: 'list?' }],
  ['/soget-connect', oauth],
  ['/api-tracking-code', { ...business, subErrors: 'list?' }],
  ['/api-tracing-code', business],
  [
    '/ws',
    {
      statusCode: 'number',
      errorKey: 'text',
      errorMessage: 'text',
      errorMap: 'object',
      errorTrackingNr: 'text',
    },
  ],
  ['/event-subscriptions', { code: 'text', message: 'text', timestamp: 'text', errors: 'list?' }],
  [
    '/api/rest/v1',
    {
      type: 'text',
      title: 'text',
      status: 'number',
      detail: 'text',
      validation_messages: 'object?',
    },
  ],
  ['/.well-known', plain],
  ['/healthz', plain],
  ['/readyz', plain],
];

/** What a text tells of the inside. */
export function leaksIn(text: string): readonly string[] {
  return leaks.flatMap((leak) => leak.exec(text)?.[0] ?? []);
}

/** Everything that is wrong with an answer; nothing when it is right. */
export function faultsOf(request: FuzzRequest, answer: FuzzAnswer): readonly string[] {
  const faults: string[] = [];
  if (answer.status >= 500) faults.push(`status ${answer.status}`);
  for (const leak of leaksIn(answer.text)) {
    if (!isOurs(request, leak)) faults.push(`tells "${leak}"`);
  }
  const slip = answer.status >= 400 ? careless.exec(answer.text)?.[0] : undefined;
  if (slip !== undefined && !isOurs(request, slip)) faults.push(`says "${slip}"`);
  if (answer.status >= 400 && request.method !== 'HEAD')
    faults.push(...shapeFaults(request, answer));
  return faults;
}

/** An answer may repeat what it refuses. */
function isOurs(request: FuzzRequest, text: string): boolean {
  return (request.body?.includes(text) ?? false) || request.target.includes(text);
}

function shapeFaults({ target, method }: FuzzRequest, answer: FuzzAnswer): readonly string[] {
  const body = parse(answer.text);
  if (body === undefined) return [`is no JSON object: ${answer.text.slice(0, 200)}`];
  // Heads that are too large are refused before a path is read, so in no dialect's shape.
  const shape = answer.status === 431 ? plain : shapeAt(target, method);
  const faults = shapeMismatches(shape, body);
  if (!/^application\/(problem\+)?json\b/.test(answer.contentType)) {
    faults.push(`content type ${answer.contentType}`);
  }
  for (const name of ['status', 'statusCode']) {
    const told = body[name];
    if (typeof told === 'number' && told !== answer.status) faults.push(`${name} says ${told}`);
  }
  return faults;
}

function shapeAt(target: string, method: string): Shape {
  const path = target.replace(/\?.*$/s, '');
  // The token endpoint is one path and one method; around it there is nothing of that kind.
  if (path === '/oauth2/token') return method === 'POST' ? oauth : plain;
  const isBelow = (prefix: string) => path === prefix || path.startsWith(`${prefix}/`);
  return shapes.find(([prefix]) => isBelow(prefix))?.[1] ?? {};
}

function shapeMismatches(shape: Shape, body: Members): string[] {
  const faults = Object.entries(shape)
    .filter(([name, kind]) => !fits(kind, body[name]))
    .map(([name, kind]) => `${name} is no ${kind}: ${JSON.stringify(body[name])}`);
  const others = Object.keys(shape).length === 0 ? [] : Object.keys(body);
  return [
    ...faults,
    ...others.filter((name) => !(name in shape)).map((name) => `has a member ${name}`),
  ];
}

function fits(kind: Shape[string], value: unknown): boolean {
  if (kind.endsWith('?') && (value === undefined || value === null)) return true;
  if (kind === 'list?') return Array.isArray(value);
  if (kind.startsWith('object')) return typeof value === 'object' && value !== null;
  return kind === 'number' ? typeof value === 'number' : typeof value === 'string';
}

function parse(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Members) : undefined;
  } catch {
    return undefined;
  }
}
