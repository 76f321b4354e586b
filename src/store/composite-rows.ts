/**
 * Rows for a parameter `$n::some_type[]`, where `some_type` is a composite type, in PostgreSQL's binary
 * format (`array_recv` and `record_recv` of its source). Of the ways to pass a table to a statement
 * this is the cheapest for both sides: nothing is quoted, split or parsed, and the server unpacks one
 * parameter instead of one per column. Nor is there a character that a text must not hold.
 */

/** Writes row after row, column after column, each by the method of its type. */
export interface CompositeRows {
  readonly row: () => void;
  readonly smallint: (value: number) => void;
  readonly integer: (value: number) => void;
  readonly text: (value: string | null) => void;
  readonly json: (value: string) => void;
  readonly texts: (values: readonly string[]) => void;
  /** With hyphens, in either case. Throws for a text of another length. */
  readonly uuid: (value: string | null) => void;
  /** Microseconds since 1970, a whole number below 2^53. */
  readonly timestamp: (epochUs: number) => void;
  /** The parameter; `typeOid` is that of the composite type. No row may follow. */
  readonly done: (typeOid: number) => Buffer;
}

/** Oids of built-in types, the same in every PostgreSQL. */
const oids = {
  ...{ smallint: 21, integer: 23, text: 25, json: 114, texts: 1009, timestamp: 1184, uuid: 2950 },
};

/** PostgreSQL counts from 2000. */
const epochUs = Date.UTC(2000, 0, 1) * 1000;
const two32 = 2 ** 32;
/** Dimensions, has-nulls, type, length, lower bound. */
const headBytes = 20;
const nothing = -1;

/** Value of each hexadecimal digit by its character code. */
const digits = new Uint8Array(256);
for (let digit = 0; digit < 16; digit += 1) {
  const text = digit.toString(16);
  digits[text.charCodeAt(0)] = digit;
  digits[text.toUpperCase().charCodeAt(0)] = digit;
}
/** Where each byte of a UUID stands in its text. */
const uuidOffsets = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const uuidBytes = 16;
const uuidChars = 36;

/** A call into the runtime costs more than writing so many characters here. */
const shortChars = 40;

/** Writes UTF-8; how many bytes. */
function writeText(buffer: Buffer, value: string, at: number): number {
  if (value.length > shortChars) return buffer.write(value, at);
  for (let index = 0; index < value.length; index += 1) {
    const unit = value.charCodeAt(index);
    if (unit > 0x7f) return buffer.write(value, at);
    buffer[at + index] = unit;
  }
  return value.length;
}

/** A buffer that grows. */
function createBytes(bytesAtFirst: number) {
  let buffer = Buffer.allocUnsafe(bytesAtFirst);
  let at = 0;
  const need = (bytes: number): void => {
    if (at + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  };
  const int32 = (value: number): void => {
    need(4);
    at = buffer.writeInt32BE(value, at);
  };
  return {
    int32,
    int16(value: number): void {
      need(2);
      at = buffer.writeInt16BE(value, at);
    },
    /** Its length, then its UTF-8 bytes. */
    text(value: string): void {
      // Three bytes at most for each UTF-16 unit.
      need(4 + value.length * 3);
      const bytes = writeText(buffer, value, at + 4);
      buffer.writeInt32BE(bytes, at);
      at += 4 + bytes;
    },
    uuid(value: string): void {
      if (value.length !== uuidChars) throw new RangeError(`not a UUID: ${value}`);
      need(uuidBytes);
      for (const offset of uuidOffsets) {
        const high = digits[value.charCodeAt(offset)] ?? 0;
        buffer[at++] = (high << 4) | (digits[value.charCodeAt(offset + 1)] ?? 0);
      }
    },
    skip(bytes: number): void {
      need(bytes);
      at += bytes;
    },
    at: () => at,
    /** Writes a number where something was skipped. */
    patch: (value: number, place: number) => buffer.writeInt32BE(value, place),
    taken: () => buffer.subarray(0, at),
  };
}

export function createCompositeRows(columnCount: number, bytesAtFirst = 65_536): CompositeRows {
  const bytes = createBytes(bytesAtFirst);
  const { int32, int16, text, patch } = bytes;
  let count = 0;
  let rowAt = 0;
  bytes.skip(headBytes);

  const closeRow = () => {
    if (count > 0) patch(bytes.at() - rowAt - 4, rowAt);
  };
  const textOf = (oid: number) => (value: string | null) => {
    int32(oid);
    if (value === null) int32(nothing);
    else text(value);
  };

  return {
    row() {
      closeRow();
      count += 1;
      rowAt = bytes.at();
      bytes.skip(4);
      int32(columnCount);
    },
    smallint(value) {
      int32(oids.smallint);
      int32(2);
      int16(value);
    },
    integer(value) {
      int32(oids.integer);
      int32(4);
      int32(value);
    },
    text: textOf(oids.text),
    json: textOf(oids.json),
    texts(values) {
      int32(oids.texts);
      const place = bytes.at();
      bytes.skip(4);
      int32(values.length === 0 ? 0 : 1);
      int32(0);
      int32(oids.text);
      if (values.length > 0) {
        int32(values.length);
        int32(1);
        for (const value of values) text(value);
      }
      patch(bytes.at() - place - 4, place);
    },
    uuid(value) {
      int32(oids.uuid);
      if (value === null) return int32(nothing);
      int32(uuidBytes);
      bytes.uuid(value);
    },
    timestamp(us) {
      int32(oids.timestamp);
      int32(8);
      const since = us - epochUs;
      int32(Math.floor(since / two32));
      int32((since % two32) | 0);
    },
    done(typeOid) {
      closeRow();
      // An array without elements has no dimension.
      const head = count === 0 ? [0, 0, typeOid] : [1, 0, typeOid, count, 1];
      for (const [index, value] of head.entries()) patch(value, index * 4);
      return count === 0 ? bytes.taken().subarray(0, 12) : bytes.taken();
    },
  };
}
