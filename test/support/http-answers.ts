/** Random answers as servers write them, well and badly, that every HTTP client should read alike. */
import fc from 'fast-check';

/** What to write for one request. */
export interface Answer {
  readonly bytes: Buffer;
  /** Sizes of the first pieces; the rest is another. */
  readonly pieces: readonly number[];
  /** The server closes its side behind the last byte. */
  readonly isClosed: boolean;
}

const word = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_.-]{0,12}$/);
const blanks = fc.constantFrom('', ' ', '  ', '\t', ' \t ');
const visible = fc.stringMatching(/^[!-~\xa1-\xff](?:[\t -~\xa1-\xff]{0,20}[!-~\xa1-\xff])?$/);

/** A name as people write it. */
function spelt(name: string) {
  const words = name.split('-').map((part) => part.slice(0, 1).toUpperCase() + part.slice(1));
  return fc.constantFrom(name, name.toUpperCase(), words.join('-'));
}

function field(name: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(name, blanks, value).map(([n, before, v]) => `${n}:${before}${v}\r\n`);
}

const otherField = field(
  word.map((name) => `x-${name}`),
  fc.oneof(visible, fc.constant('')),
);
const retryField = field(
  spelt('retry-after'),
  fc.constantFrom('0', '7', '86400', 'soon', '-1', ''),
);
const reason = fc.oneof(
  fc.constantFrom('', ' ', ' OK', ' Not  Found', ' \xe9\xff', ' \x01\x7f', ' a\tb'),
  visible.map((text) => ` ${text}`),
);
const status = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(200, 202, 204, 205, 304, 400, 410, 429, 500, 503) },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 999 }) },
);
const text = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('x'.repeat(1_024), 'y'.repeat(1_025), 'z'.repeat(5_000)),
  },
  // So much that we hang up.
  { weight: 1, arbitrary: fc.constant('w'.repeat(70_000)) },
);

interface Framing {
  readonly field: string;
  readonly body: string;
  /** The body ends with the connection only. */
  readonly isOpen?: boolean;
}

const measured: fc.Arbitrary<Framing> = fc
  .record({ body: text, name: spelt('content-length'), blank: blanks, zeros: fc.nat(20) })
  .map(({ body, name, blank, zeros }) => ({
    field: `${name}:${blank}${'0'.repeat(zeros)}${body.length}\r\n`,
    body,
  }));

const endless: fc.Arbitrary<Framing> = fc
  .tuple(text, fc.constantFrom('', 'Transfer-Encoding: identity\r\n'))
  .map(([body, line]) => ({ field: line, body, isOpen: true }));

/** Refused by both: no length, or two. */
const unclear: fc.Arbitrary<Framing> = fc
  .constantFrom('', '+1', '-1', '0x1', '1, 1', '1 1', '1a', '1\r\ntransfer-encoding: chunked')
  .map((length) => ({ field: `content-length: ${length}\r\n`, body: 'x', isOpen: true }));

function chunked(): fc.Arbitrary<Framing> {
  const fields = fc.constantFrom(
    'transfer-encoding: chunked\r\n',
    'Transfer-Encoding: Chunked\r\n',
    'transfer-encoding:gzip ,\tchunked\r\n',
    'transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n',
    'transfer-encoding: chunked\r\nTRANSFER-ENCODING: chunked\r\n',
  );
  const extension = fc.constantFrom('', ';x', ';x=1', ';x="a;b"', ';x=1;y=2');
  const chunk = fc
    .tuple(
      text.filter((part) => part !== ''),
      extension,
      fc.nat(20),
      fc.boolean(),
    )
    .map(([part, extra, zeros, isUpper]) => {
      const size = part.length.toString(16);
      const digits = isUpper ? size.toUpperCase() : size;
      return `${'0'.repeat(zeros)}${digits}${extra}\r\n${part}\r\n`;
    });
  const trailer = fc.constantFrom('', 'x: y\r\n', 'retry-after: 3\r\nx:\r\n');
  // `zz`: broken in the middle, when the status has come.
  const end = fc.constantFrom('0', '0', '0', '0', '000', '0;x', '0;x', 'zz');
  return fc
    .tuple(fields, fc.array(chunk, { maxLength: 4 }), end, trailer)
    .map(([name, chunks, last, extra]) => ({
      ...{ field: name, body: `${chunks.join('')}${last}\r\n${extra}\r\n` },
      isOpen: last === 'zz',
    }));
}

const framing = fc.oneof(
  { weight: 8, arbitrary: measured },
  { weight: 8, arbitrary: chunked() },
  { weight: 2, arbitrary: endless },
  { weight: 1, arbitrary: unclear },
);
const version = fc.oneof(
  { weight: 9, arbitrary: fc.constant('1.1') },
  fc.constantFrom('1.0', '0.9', '2.0'),
);
const connectionField = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  field(spelt('connection'), fc.constantFrom('close', 'keep-alive', 'x, Close', 'Keep-Alive, x')),
  field(spelt('keep-alive'), fc.constantFrom('timeout=5, max=9', 'timeout=1', 'x')),
);
/** What neither takes for a header. */
const badLine = fc.oneof(
  { weight: 30, arbitrary: fc.constant('') },
  fc.constantFrom(
    'name : x\r\n',
    'nothing\r\n',
    ': x\r\n',
    'x: a\0\r\n',
    'x: a\nb: c\r\n',
    'x: a\rb\r\n',
  ),
);
const announced = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  fc
    .tuple(
      fc.constantFrom(102, 103, 199),
      fc.constantFrom('', 'retry-after: 9\r\n', 'content-length: 4\r\n'),
    )
    .map(([early, line]) => `HTTP/1.1 ${early} Early\r\n${line}\r\n`),
);
const emptyLines = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  fc.constantFrom('\r\n', '\n', '\r\n\r\n'),
);
const pieces = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 200 })),
  { maxLength: 8 },
);

export const httpAnswer: fc.Arbitrary<Answer> = fc
  .record({
    ...{
      version,
      status,
      reason,
      framing,
      connectionField,
      badLine,
      announced,
      emptyLines,
      pieces,
    },
    fields: fc.array(fc.oneof(otherField, otherField, retryField), { maxLength: 4 }),
    isCut: fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, fc.constant(true)),
    cutAt: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map((given) => {
    const isEmpty = given.status === 204 || given.status === 304;
    const own = isEmpty ? emptyFraming(given.framing) : given.framing;
    const lines = [...given.fields, own.field, given.badLine, given.connectionField];
    const start = `HTTP/${given.version} ${given.status}${given.reason}\r\n`;
    const head = `${given.announced}${given.emptyLines}${start}${lines.join('')}\r\n`;
    const whole = Buffer.from(`${head}${own.body}`, 'latin1');
    const end = given.isCut ? 1 + Math.floor(given.cutAt * (whole.length - 1)) : whole.length;
    const isClosed = given.isCut || given.badLine !== '' || own.isOpen === true;
    return { bytes: whole.subarray(0, end), pieces: given.pieces, isClosed };
  });

/** What is said of a body where none may be is passed over. */
function emptyFraming({ field: line, isOpen }: Framing): Framing {
  return { field: isOpen === true ? '' : line, body: '' };
}
