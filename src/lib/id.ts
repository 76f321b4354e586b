// Ids of the hub: UUID version 7 (RFC 9562) whose last byte is the bucket of the unit they belong to.
//
// Bytes:  0-5  milliseconds since 1970
//         6-9  version, variant and a counter of 26 bits
//         10-14  40 random bits
//         15  bucket
//
// Why not a library: none lets us set the last byte, and we need ids that only ever increase within
// a process. The counter stands right behind the time, so neither the random bits nor the bucket
// decide the order. In each new millisecond it starts at a random value, so that several processes
// hardly meet; when it runs over, after 33 million ids on average, the time is moved on by one, as
// RFC 9562 (6.2) allows. When the clock stands still or steps back, the last time is kept and the
// counter goes on.
//
// Ids are not secrets: they tell when they were made, and nothing may be granted for knowing one.

export interface IdParts {
  /** Milliseconds since 1970; fractions are cut. */
  readonly now: () => number;
  /** Fills the array with random bytes, e.g. randomFillSync. Asked for a block, not for every id. */
  readonly random: (bytes: Uint8Array) => void;
}

export interface IdSource {
  /** A new id in lower case, greater than every id given before by this source. Bucket: 0 to 255. */
  next(bucket: number): string;
}

const randomBlockBytes = 8192;
const counterEnd = 2 ** 26;
const timeMaxMs = 2 ** 48 - 1;

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const uuid7Pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function createIdSource({ now, random }: IdParts): IdSource {
  const takeByte = createRandomBytes(random);
  let timeMs = Number.NEGATIVE_INFINITY;
  let timeText = '';
  let counter = 0;

  function moveTo(ms: number): void {
    timeText = timePrefix(ms);
    timeMs = ms;
    const seed = (takeByte() << 24) | (takeByte() << 16) | (takeByte() << 8) | takeByte();
    counter = seed & (counterEnd - 1);
  }

  return {
    next(bucket) {
      const bucketText = Number.isInteger(bucket) ? hexOfByte[bucket] : undefined;
      if (bucketText === undefined) throw new RangeError(`no such bucket: ${bucket}`);
      const nowMs = Math.floor(now());
      // Negated, so that a clock that says NaN goes to moveTo, which refuses it.
      if (!(nowMs <= timeMs)) moveTo(nowMs);
      else if (++counter === counterEnd) moveTo(timeMs + 1);
      let tail = '';
      for (let count = 0; count < 5; count++) tail += hex(takeByte());
      return `${timeText}-${counterText(counter)}-${tail}${bucketText}`;
    },
  };
}

/** Whether the text is a UUID of any version, in either case, with hyphens. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

/** The bucket that an id of the hub carries; undefined for what is not a UUID of version 7. */
export function bucketOfId(id: string): number | undefined {
  return uuid7Pattern.test(id) ? Number.parseInt(id.slice(34), 16) : undefined;
}

/** When an id was made, in milliseconds since 1970; undefined for what is not a UUID of version 7. */
export function timeOfId(id: string): number | undefined {
  return uuid7Pattern.test(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;
}

/** The smallest UUID of version 7 of a millisecond: every id made from then on is not below it. */
export function lowerBoundId(epochMs: number): string {
  return `${timePrefix(epochMs)}-7000-8000-000000000000`;
}

function timePrefix(epochMs: number): string {
  if (!Number.isInteger(epochMs) || epochMs < 0 || epochMs > timeMaxMs) {
    throw new RangeError(`not a time that an id can hold: ${epochMs}`);
  }
  const text = epochMs.toString(16).padStart(12, '0');
  return `${text.slice(0, 8)}-${text.slice(8)}`;
}

// 12 bits behind the version, 14 bits behind the variant.
function counterText(counter: number): string {
  const high = hex(0x70 | (counter >>> 22)) + hex((counter >>> 14) & 0xff);
  const low = hex(0x80 | ((counter >>> 8) & 0x3f)) + hex(counter & 0xff);
  return `${high}-${low}`;
}

function hex(byte: number): string {
  return hexOfByte[byte] ?? '';
}

// A call into the system's generator for every id would cost more than the id.
function createRandomBytes(random: (bytes: Uint8Array) => void): () => number {
  const block = new Uint8Array(randomBlockBytes);
  let used = block.length;
  return () => {
    if (used === block.length) {
      random(block);
      used = 0;
    }
    return block[used++] ?? 0;
  };
}
