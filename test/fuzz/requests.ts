/**
 * Requests for one route: mostly with a good proof and a body near its schema, so that handlers are
 * reached; else garbage of every kind at every place of a request.
 */
import fc from 'fast-check';
import { nastyText, nastyValue, toJsonText } from './nasty.ts';
import { type Known, type Schema, shaped, slipped } from './shaped.ts';
import type { Parameter, Route } from './surface.ts';

export interface FuzzRequest {
  readonly method: string;
  /** With the query, as it goes over the wire. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export interface Purse {
  readonly known: Known;
  /** Sets of headers that open the route. */
  readonly good: readonly Readonly<Record<string, string>>[];
  /** Headers as above, each somehow not good enough. */
  readonly bad: readonly Readonly<Record<string, string>>[];
}

type Weighted<T> = readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[];

function mix<T>(choices: Weighted<T>): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

export function requestsOf(route: Route, purse: Purse): fc.Arbitrary<FuzzRequest> {
  const method = mix<string>([
    [24, fc.constant(route.method)],
    [
      1,
      fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'LOCK'),
    ],
  ]);
  return fc
    .record({
      method,
      path: pathOf(route, purse.known),
      query: queryOf(route, purse.known),
      proof: proofOf(purse),
      extra: headersOf(route),
      content: contentOf(route, purse.known),
    })
    .map(({ path, query, proof, extra, content, ...rest }) => ({
      method: rest.method,
      target: `${path}${query}`,
      headers: { ...content.headers, ...extra, ...proof },
      body: rest.method === 'TRACE' ? undefined : content.body,
    }));
}

/** Target and headers may take 16 KiB together: what is longer is no HTTP, see raw.ts. */
const valueMax = 2_000;

/* ---- path and query ---------------------------------------------------------------------------- */

/** Percent-encoded bytes of any text; half a surrogate pair as the three bytes it would take. */
function encoded(text: string): string {
  return [...text]
    .map((character) => {
      if (/[\w.~-]/.test(character)) return character;
      const code = character.codePointAt(0) ?? 0;
      const isHalf = code >= 0xd800 && code <= 0xdfff;
      const bytes = isHalf
        ? [0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]
        : [...Buffer.from(character)];
      return bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    })
    .join('');
}

/** Pieces of a request target that no encoder would write. */
const brokenPiece = fc.constantFrom(
  ...['%', '%z', '%zz', '%00', '%0', '%c3%28', '%ed%a0%80', '%f0%9f', '+', '++', '%2B', '%2f..%2f'],
  ...['..', '.', ';', ';a=b', '%25', '%u0041', "'", '"', '|', '\\', '^', '[]', '{}'],
  'x'.repeat(501),
);

const segment: fc.Arbitrary<string> = mix([
  [3, nastyText.map((text) => encoded(text).slice(0, valueMax))],
  [2, brokenPiece],
]);

function pathOf(route: Route, known: Known): fc.Arbitrary<string> {
  const parts = route.path.split(/(\{[^}]+\})/);
  const pieces = parts.map((part, at): fc.Arbitrary<string> => {
    if (!part.startsWith('{')) return fc.constant(part);
    const name = part.slice(1, -1);
    // What the id is of stands before it: `/events/{id}`.
    const before = parts[at - 1]?.split('/').at(-2) ?? '';
    const apt = shaped(schemaOf(route, 'path', name), known, before in known ? before : name);
    const good = apt.map((value) => encoded(String(value)));
    return mix([
      [5, good],
      [1, fc.tuple(good, brokenPiece).map((both) => both.join(''))],
      [1, segment],
    ]);
  });
  const whole = fc.tuple(...pieces).map((made) => made.join(''));
  return mix([
    [30, whole],
    [1, fc.tuple(whole, segment).map(([path, tail]) => `${path}/${tail}`)],
    [1, whole.map((path) => `${path}/`)],
  ]);
}

function schemaOf(route: Route, where: Parameter['in'], name: string): Schema {
  const found = route.parameters.find((one) => one.in === where && one.name === name);
  return found?.schema ?? { type: 'string' };
}

function queryOf(route: Route, known: Known): fc.Arbitrary<string> {
  const parameters = route.parameters.filter((one) => one.in === 'query');
  const apt = parameters.map(({ name, schema = {}, required }) => {
    const good = shaped(schema, known, name);
    const values = mix([
      [8, good],
      [1, slipped(good, 1)],
    ]);
    const pair = values.map((value) => `${name}=${encoded(String(value)).slice(0, valueMax)}`);
    // About two of them at a time, however many there are.
    const absent = required === true ? 1 : Math.max(1, parameters.length - 2);
    return mix([
      [required === true ? 9 : 2, pair],
      [absent, fc.constant('')],
    ]);
  });
  const names = fc.constantFrom(...parameters.map((one) => one.name), 'x', '__proto__', 'a[b]', '');
  const odd = mix([
    [3, fc.tuple(names, segment).map(([name, value]) => `${name}=${value}`)],
    [1, fc.tuple(names, segment).map(([name, value]) => `${name}=1&${name}=${value}`)],
    [1, names],
    [1, brokenPiece],
    [1, fc.constantFrom('&&', '=', '=&=', '?', `x=${'y'.repeat(4_000)}`, 'a=1&'.repeat(1_500))],
  ]);
  const few = fc.array(odd, { minLength: 1, maxLength: 3 });
  const aptOnly = fc.tuple(...apt).map((made) => made.filter((pair) => pair !== ''));
  const both = fc.tuple(aptOnly, few).map((lists) => lists.flat());
  // A route without parameters gets a query now and then all the same.
  const weights = parameters.length > 0 ? [5, 3] : [15, 1];
  return mix([
    [weights[0] ?? 1, aptOnly],
    [weights[1] ?? 1, both],
  ]).map((pairs) => (pairs.length === 0 ? '' : `?${pairs.join('&')}`));
}

/* ---- headers ----------------------------------------------------------------------------------- */

function proofOf({ good, bad }: Purse): fc.Arbitrary<Readonly<Record<string, string>>> {
  return mix([
    [6, fc.constantFrom(...good)],
    [1, fc.constantFrom(...bad)],
  ]);
}

/** What a header can carry at all: Latin-1 without controls. */
const headerText: fc.Arbitrary<string> = mix([
  [
    3,
    fc.constantFrom('', ' ', 'k', 'k'.repeat(256), 'k'.repeat(3_000), '\u00e9', 'a, b', '"', '\t'),
  ],
  [1, fc.constantFrom('once-1', 'once-2', 'once-3')],
  [1, fc.stringMatching(/^[\x20-\x7e\xa0-\xff]{0,40}$/)],
]);

function headersOf(route: Route): fc.Arbitrary<Readonly<Record<string, string>>> {
  const documented = route.parameters
    .filter((one) => one.in === 'header')
    .map(({ name }) => headerText.map((value) => ({ [name]: value })));
  const usual = ['accept', 'accept-encoding', 'if-none-match', 'x-request-id', 'x-forwarded-for'];
  const other = fc
    .tuple(fc.constantFrom(...usual, 'cookie', 'range', 'origin', 'accept-version'), headerText)
    .map(([name, value]) => ({ [name]: value }));
  return mix<Readonly<Record<string, string>>>([
    [8, fc.constant({})],
    [1, other],
    ...documented.map((one) => [3, one] as const),
  ]);
}

/* ---- bodies ------------------------------------------------------------------------------------ */

interface Content {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

const formType = 'application/x-www-form-urlencoded';
const nothing: Content = { headers: {}, body: undefined };

function contentOf(route: Route, known: Known): fc.Arbitrary<Content> {
  const { contentType = 'application/json', schema = {} } = route.body ?? {};
  const write = contentType === formType ? toFormText : toJsonText;
  const apt = shaped(schema, known);
  const text = slipped(apt).map(write);
  const typed = (type: string) => (body: string | Buffer) => contentWith(type, body);
  const given = mix<Content>([
    [14, text.map(typed(contentType))],
    [8, apt.map((value) => contentWith(contentType, write(value)))],
    [2, nastyValue.map((value) => contentWith(contentType, write(value)))],
    [4, apt.chain((value) => garbage(write(value))).map(typed(contentType))],
    [2, fc.tuple(oddType, apt).map(([type, value]) => contentWith(type, write(value)))],
    [1, fc.constant(nothing)],
  ]);
  if (route.body !== undefined) return given;
  return mix([
    [12, fc.constant(nothing)],
    [1, given],
  ]);
}

function contentWith(type: string, body: string | Buffer): Content {
  const headers = type === '' ? {} : { 'content-type': type };
  return { headers, body: typeof body === 'string' ? Buffer.from(body) : body };
}

const oddType = fc.constantFrom(
  ...['', 'text/plain', 'application/xml', 'application/json; charset=utf-16', 'application/JSON'],
  ...[
    'application/json;;;',
    'application/json, text/plain',
    'multipart/form-data; boundary=x',
    '/',
  ],
  ...['application/jsonp', 'application/problem+json', formType, 'application/octet-stream', '*/*'],
  'application/json',
);

/** Bodies that are not what their type says. */
function garbage(valid: string): fc.Arbitrary<string | Buffer> {
  return mix<string | Buffer>([
    [4, fc.nat(valid.length).map((length) => valid.slice(0, length))],
    [1, fc.constant(`\ufeff${valid}`)],
    [1, fc.constantFrom('', ' ', '\n', '{}{}', `${valid}${valid}`, `${valid},`, `/**/${valid}`)],
    [
      1,
      fc.constantFrom(
        '{',
        '[',
        '"',
        "{'a':1}",
        '{"a"}',
        '{"a":}',
        '[1,]',
        '\u0000',
        '{"a":\u0000}',
      ),
    ],
    [
      1,
      fc.constantFrom(
        'a=1&a=2',
        'a',
        '&',
        '=',
        '%',
        'a=%zz',
        'a=%00',
        'a=%ed%a0%80',
        'a=1&'.repeat(60),
      ),
    ],
    [1, fc.constantFrom('[', '{"a":').map((piece) => piece.repeat(100_000))],
    [2, fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes))],
    [1, fc.constant(Buffer.concat([Buffer.from(valid), Buffer.from([0xff, 0xc0])]))],
    [1, fc.constant(Buffer.from(valid, 'utf16le'))],
    [1, fc.constant(Buffer.from(valid.replace('"', '"\u00e9'), 'latin1'))],
  ]);
}

function toFormText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return encoded(String(value));
  return Object.entries(value)
    .map(([name, member]) => {
      const text = typeof member === 'string' ? member : toJsonText(member);
      return `${encoded(name)}=${encoded(text)}`;
    })
    .join('&');
}
