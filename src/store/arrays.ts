/**
 * Array parameters in PostgreSQL's binary format (`array_recv` of its source): for thousands of
 * events and completions a second, writing them as text and parsing that again costs both sides a multiple.
 * The element's type must be that of the parameter, so the statement has to name it.
 */

type Read<T, Value> = (item: T) => Value | undefined;

interface Element<Value> {
  /** Of the type, the same in every PostgreSQL. */
  readonly oid: number;
  /** At most so many for this value. */
  readonly bytes: (value: Value) => number;
  /** How many were written. */
  readonly write: (buffer: Buffer, value: Value, at: number) => number;
}

/** Dimensions, has-nulls, type, length, lower bound. */
const headBytes = 20;
const lengthBytes = 4;
const nothing = -1;

function encode<Value>(element: Element<Value>, values: readonly (Value | undefined)[]): Buffer {
  let bytesMax = headBytes;
  for (const value of values) {
    bytesMax += lengthBytes + (value === undefined ? 0 : element.bytes(value));
  }
  const buffer = Buffer.allocUnsafe(bytesMax);
  // An array without elements has no dimension; its head ends with the type.
  const head = [values.length === 0 ? 0 : 1, 1, element.oid, values.length, 1];
  for (const [index, value] of head.entries()) buffer.writeInt32BE(value, index * 4);
  if (values.length === 0) return buffer.subarray(0, 12);
  let at = headBytes;
  for (const value of values) {
    const bytes = value === undefined ? 0 : element.write(buffer, value, at + lengthBytes);
    buffer.writeInt32BE(value === undefined ? nothing : bytes, at);
    at += lengthBytes + bytes;
  }
  return buffer.subarray(0, at);
}

const arrayOf =
  <Value>(element: Element<Value>) =>
  <T>(items: readonly T[], read: Read<T, Value>): Buffer =>
    encode(element, items.map(read));

/** Whole numbers; fractions are rounded. */
export const smallintArray = arrayOf<number>({
  oid: 21,
  bytes: () => 2,
  write: (buffer, value, at) => buffer.writeInt16BE(Math.round(value), at) - at,
});

export const integerArray = arrayOf<number>({
  oid: 23,
  bytes: () => 4,
  write: (buffer, value, at) => buffer.writeInt32BE(Math.round(value), at) - at,
});

const two32 = 2 ** 32;

/** Whole numbers below 2^53. */
export const bigintArray = arrayOf<number>({
  oid: 20,
  bytes: () => 8,
  write(buffer, value, at) {
    buffer.writeInt32BE(Math.floor(value / two32), at);
    return buffer.writeInt32BE((value % two32) | 0, at + 4) - at;
  },
});

/** For `float8[]`; the statement may take it for a whole number, exact up to 2^53. */
export const numberArray = arrayOf<number>({
  oid: 701,
  bytes: () => 8,
  write: (buffer, value, at) => buffer.writeDoubleBE(value, at) - at,
});

export const booleanArray = arrayOf<boolean>({
  oid: 16,
  bytes: () => 1,
  write: (buffer, value, at) => buffer.writeUInt8(value ? 1 : 0, at) - at,
});

export const uuidArray = arrayOf<string>({
  oid: 2950,
  bytes: () => 16,
  write(buffer, value, at) {
    const bytes = buffer.write(value.replaceAll('-', ''), at, 'hex');
    if (bytes !== 16) throw new RangeError(`not a UUID: ${value}`);
    return bytes;
  },
});

/** It must not hold a NUL character. */
export const textArray = arrayOf<string>({
  oid: 25,
  // Three bytes at most for each UTF-16 unit.
  bytes: (value) => value.length * 3,
  write: (buffer, value, at) => (value === '' ? 0 : buffer.write(value, at)),
});
