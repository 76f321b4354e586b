/**
 * Values that break careless programs. Two rules keep the suite honest: no text here holds a word
 * that verdict.ts takes for a leak, because answers may repeat what they refuse; and no address
 * here leads out of this machine, because subscriptions may be called.
 */
import fc from 'fast-check';

/** Marks JSON that JSON.stringify cannot write: `raw('1e400')`, a second member of one name. */
const MARK = '\u{F0000}';

const raw = (json: string) => `${MARK}raw:${json}`;

/** The JSON text of a value; marked members and values appear as they are. */
export function toJsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text
    .replace(/"\u{F0000}raw:((?:[^"\\]|\\.)*)"/gu, (_all, inner) =>
      String(JSON.parse(`"${inner}"`)),
    )
    .replaceAll(MARK, '');
}

const nested = (depth: number) => raw(`${'['.repeat(depth)}${']'.repeat(depth)}`);

/** What PostgreSQL cannot hold, and what upsets a terminal. */
const unstorable = ['\u0000', 'NUL\u0000inside', '\ud800', 'half \udfff pair', '\u001b[31m\u007f'];

const texts = [
  '',
  ' ',
  '\t\r\n',
  ' leading and trailing ',
  '\u0085\u009f',
  '\ufeffBOM',
  '\ufffe\uffff',
  '\u202eRTL\u202c \u05e9\u05dc\u05d5\u05dd',
  'é e\u0301 ß ı İ',
  '👩‍👩‍👧‍👦🏴‍☠️',
  '漢字かな',
  'ﷺ'.repeat(40),
  'x'.repeat(36),
  'x'.repeat(256),
  'x'.repeat(3_000),
  '\u{1F600}'.repeat(300),
  "' OR '1'='1",
  "'; DROP TABLE events; --",
  '1;SELECT/**/1',
  '$1',
  "E'\\x00'",
  '../../../../etc/passwd',
  '..%2f..%2f',
  'C:\\..\\boot.ini',
  '{{7*7}}#{7*7}',
  '<script>alert(1)</script>',
  '%00',
  '%',
  '\\',
  '"',
  'null',
  '-1',
  '0x1F',
  '1e1000',
  'true',
  '__proto__',
  'infinity',
  '-infinity',
  '0000-00-00T00:00:00Z',
  '2026-02-30T25:61:61Z',
  '+275760-09-13T00:00:00.000Z',
  '9999-12-31T23:59:60.999999999+14:00',
  '4714-11-24 BC',
  '2026-11-20T14:00:00',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'http://127.0.0.1:1/',
  'http://[::ffff:127.0.0.1]/',
  'http://2130706433/',
  'http://169.254.169.254/latest',
  'http://user:pass@localhost/',
  'http://nowhere.invalid/x y',
  `https://${'a'.repeat(64)}.invalid/`,
  'javascript:alert(1)',
  'file:///etc/passwd',
  '//nowhere.invalid',
];

const numbers = [
  0,
  -1,
  1,
  0.1,
  -0.000_000_1,
  181,
  -91,
  2_147_483_648,
  -2_147_483_649,
  2 ** 53,
  1e21,
  1e308,
  5e-324,
];

const rawNumbers = [
  '9007199254740993',
  '-0',
  '1e400',
  '-1e400',
  '1E+2',
  `1${'0'.repeat(400)}`,
  '1.0',
  '0.10e-1',
];

/** Strings that no field expects, random ones of every plane among them. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...unstorable) },
  { weight: 4, arbitrary: fc.constantFrom(...texts) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
);

/** To be put into a text that is otherwise good. */
export const nastyCharacter: fc.Arbitrary<string> = fc.constantFrom(
  ...['\u0000', '\u0000', '\ud800', '\udfff', '\u001b', '\u202e', '\u0301', '\u{1F600}', '\ufeff'],
  ...["'", '"', '\\', '%', '_', '*', ':', '\n', ' ', '\u00a0', '\u0131', '\u212a'],
);

export const nastyNumber: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  ...numbers,
  ...rawNumbers.map(raw),
);

/** Anything that JSON can say, and some that only look like JSON. */
export const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: nastyText },
  { weight: 2, arbitrary: nastyNumber },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      nested(31),
      nested(33),
      nested(20_000),
      raw(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`),
      raw('NaN'),
      raw('undefined'),
      raw('01'),
      raw('\\ud800'),
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** Names of members that no schema knows, or that mean something to JavaScript. */
export const nastyName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...[`${MARK}__proto__`, 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length'],
    ...['', '0', 'unknown', 'a.b', '$ref', 'x'.repeat(300), '\u0000', '\ud800', 'тип'],
  ),
  fc.string({ unit: 'binary', maxLength: 10 }),
);

/** The same member once more: parsers differ in which one counts. */
export const again = (name: string) => `${MARK}${name}`;
