// Instants as partners send them: ISO 8601 with an offset, read without guessing and kept as received.
// Source: ISO 8601-1 extended form and RFC 3339; what we accept beyond RFC 3339 is listed at parseInstant.

export interface OriginalTime {
  /** Milliseconds since 1970-01-01T00:00:00Z; finer digits are cut, never rounded. */
  readonly epochMs: number;
  /** UTC with six fraction digits, for a timestamptz column: `2025-08-15T23:32:00.123456Z`. */
  readonly iso: string;
  /** The text exactly as received. */
  readonly text: string;
  /** Minutes east of UTC; never -0. The unknown offset `-00:00` of RFC 3339 reads as 0. */
  readonly offsetMinutes: number;
  /** Fraction digits as received; may be more than the six that are kept. */
  readonly fractionDigits: number;
  readonly precision: 'minute' | 'second' | 'fraction';
}

export type TimeErrorCode = 'format' | 'offset-missing' | 'impossible' | 'range';

export type ParsedInstant =
  | { readonly ok: true; readonly value: OriginalTime }
  | { readonly ok: false; readonly code: TimeErrorCode; readonly message: string };

export interface TimeToFormat {
  readonly epochMs: number;
  readonly offsetMinutes: number;
  /** Printed digits, 0 to 3: an epoch in milliseconds knows no more, so more are not printed. */
  readonly fractionDigits: number;
}

export type ZonePattern = 'yyyy-MM-dd' | 'yyyy-MM-dd HH:mm' | 'yyyy-MM-dd HH:mm:ss';

const textLengthMax = 40;
const offsetMinutesMax = 18 * 60;
const zonesCachedMax = 64;
const firstEpochMs = 0;
const endEpochMs = Date.UTC(2200, 0, 1);

// Fixed-width pieces, no nested repetition: linear in the text's length.
const instantPattern =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

interface Clock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly fraction: string;
}

/**
 * Reads `yyyy-MM-ddTHH:mm[:ss[.f+]](Z|±HH:mm|±HHmm|±HH)`; lower-case t and z and a decimal comma pass.
 *
 * Decisions beyond RFC 3339: seconds may be missing; `24:00` is the end of its day; `:60` is accepted
 * only where a leap second can be (the last second of a UTC month) and counts as the second after it,
 * as PostgreSQL does. A space for the T, and a time without an offset, are refused: no zone is guessed.
 * The instant must lie in the years 1970 to 2199 UTC.
 */
export function parseInstant(text: string): ParsedInstant {
  if (text.length > textLengthMax) {
    return refuse('format', `time is longer than ${textLengthMax} characters`);
  }
  const match = instantPattern.exec(text);
  if (match === null) return refuse('format', 'time is not like 2025-08-15T23:32:00+02:00');
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  if (offset === undefined) {
    return refuse('offset-missing', 'time has no offset; add Z or one like +02:00');
  }
  const clock = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second ?? 0),
    fraction: fraction ?? '',
  };
  const precision =
    second === undefined ? 'minute' : fraction === undefined ? 'second' : 'fraction';
  return resolve(clock, offset, { text, precision });
}

function resolve(
  clock: Clock,
  offset: string,
  received: Pick<OriginalTime, 'text' | 'precision'>,
): ParsedInstant {
  const offsetMinutes = readOffset(offset);
  if (offsetMinutes === undefined) return refuse('impossible', 'no place on earth has this offset');
  if (!isPossible(clock)) return refuse('impossible', 'no such date or time of day');
  // Date.UTC reads the years 0 to 99 as 1900 to 1999, so far-off years are refused before it.
  if (clock.year < 1969 || clock.year > 2200) return refuseRange();
  const { year, month, day, hour, minute, second, fraction } = clock;
  const secondMs = Date.UTC(year, month - 1, day, hour, minute, second) - offsetMinutes * 60_000;
  if (second === 60 && !startsUtcMonth(secondMs)) {
    return refuse('impossible', 'second 60 exists only at the end of a UTC month');
  }
  const epochMs = fraction === '' ? secondMs : secondMs + millisecondsOf(fraction);
  if (epochMs < firstEpochMs || epochMs >= endEpochMs) return refuseRange();
  const { text, precision } = received;
  const iso = isoOf(text, epochMs, { clock, offsetMinutes });
  const value = { epochMs, iso, text, precision, offsetMinutes, fractionDigits: fraction.length };
  return { ok: true, value };
}

/** Every event and stop passes here: what is in UTC already is cut from its text, at a fifth of the cost. */
function isoOf(
  text: string,
  epochMs: number,
  { clock, offsetMinutes }: { readonly clock: Clock; readonly offsetMinutes: number },
): string {
  const { fraction, hour, second } = clock;
  const micros = fraction === '' ? '000000' : fraction.slice(0, 6).padEnd(6, '0');
  const isPlain = offsetMinutes === 0 && hour < 24 && second < 60 && text.charCodeAt(16) === 0x3a;
  if (isPlain) return `${text.slice(0, 10)}T${text.slice(11, 19)}.${micros}Z`;
  return `${new Date(epochMs).toISOString().slice(0, 19)}.${micros}Z`;
}

/** `2025-08-15T23:32:00+00:00`, with three fraction digits `2025-08-15T23:32:00.000-05:00`. */
export function formatWithOffset(time: TimeToFormat): string {
  const local = wallClock(time.epochMs + time.offsetMinutes * 60_000, time.fractionDigits);
  const minutes = Math.abs(time.offsetMinutes);
  const sign = time.offsetMinutes < 0 ? '-' : '+';
  return `${local}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** `2025-08-15T23:32:00Z`, with 0 to 3 fraction digits; finer ones are cut. */
export function formatUtc(epochMs: number, fractionDigits: number): string {
  return `${wallClock(epochMs, fractionDigits)}Z`;
}

/**
 * The wall clock of an IANA zone, without an offset: two instants an hour apart print the same text in
 * the hour that occurs twice. Throws a RangeError for an unknown zone, which is a mistake in our code.
 */
export function formatInZone(epochMs: number, timeZone: string, pattern: ZonePattern): string {
  const parts = new Map<string, string>();
  for (const part of zoneFormatter(timeZone).formatToParts(epochMs))
    parts.set(part.type, part.value);
  return pattern.replace(/yyyy|MM|dd|HH|mm|ss/g, (token) => {
    return parts.get(patternFields.get(token) ?? '') ?? '';
  });
}

const patternFields = new Map([
  ['yyyy', 'year'],
  ['MM', 'month'],
  ['dd', 'day'],
  ['HH', 'hour'],
  ['mm', 'minute'],
  ['ss', 'second'],
]);

// Building a formatter costs about 50 times one formatting; the map is bounded all the same.
const zoneFormatters = new Map<string, Intl.DateTimeFormat>();

function zoneFormatter(timeZone: string): Intl.DateTimeFormat {
  const cached = zoneFormatters.get(timeZone);
  if (cached !== undefined) return cached;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  if (zoneFormatters.size >= zonesCachedMax) zoneFormatters.clear();
  zoneFormatters.set(timeZone, made);
  return made;
}

function readOffset(offset: string): number | undefined {
  if (offset === 'Z' || offset === 'z') return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(3).replace(':', ''));
  const total = hours * 60 + minutes;
  if (minutes > 59 || total > offsetMinutesMax) return undefined;
  return offset.startsWith('-') && total !== 0 ? -total : total;
}

function isPossible({ year, month, day, hour, minute, second, fraction }: Clock): boolean {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return false;
  if (hour === 24) return minute === 0 && second === 0 && /^0*$/.test(fraction);
  return hour < 24 && minute < 60 && second <= 60;
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

function startsUtcMonth(epochMs: number): boolean {
  return epochMs % 86_400_000 === 0 && new Date(epochMs).getUTCDate() === 1;
}

function wallClock(epochMs: number, fractionDigits: number): string {
  const text = new Date(epochMs).toISOString();
  const digits = Math.min(Math.max(fractionDigits, 0), 3);
  return digits === 0 ? text.slice(0, 19) : text.slice(0, 20 + digits);
}

function millisecondsOf(fraction: string): number {
  return Number(fraction.slice(0, 3).padEnd(3, '0'));
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function refuse(code: TimeErrorCode, message: string): ParsedInstant {
  return { ok: false, code, message };
}

function refuseRange(): ParsedInstant {
  return refuse('range', 'time is outside the years 1970 to 2199');
}
