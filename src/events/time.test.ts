// Time texts: what is read, what is refused and why, and that printing undoes reading.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatInZone, formatUtc, formatWithOffset, parseInstant } from './time.ts';

function read(text: string) {
  const parsed = parseInstant(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.code} ${parsed.message}`);
  return parsed.value;
}

function codeOf(text: string): string {
  const parsed = parseInstant(text);
  return parsed.ok ? 'ok' : parsed.code;
}

describe('parseInstant reads', () => {
  it.each([
    ['2025-08-15T23:32:00+00:00', '2025-08-15T23:32:00.000000Z', 0, 0, 'second'],
    ['2025-08-15T23:32:00Z', '2025-08-15T23:32:00.000000Z', 0, 0, 'second'],
    ['2025-08-15t23:32:00z', '2025-08-15T23:32:00.000000Z', 0, 0, 'second'],
    ['2018-03-13T11:30:00.000-05:00', '2018-03-13T16:30:00.000000Z', -300, 3, 'fraction'],
    ['2019-11-12T07:41:00+08:30', '2019-11-11T23:11:00.000000Z', 510, 0, 'second'],
    ['2022-08-04T12:51:00+0100', '2022-08-04T11:51:00.000000Z', 60, 0, 'second'],
    ['2022-08-04T12:51:00-03', '2022-08-04T15:51:00.000000Z', -180, 0, 'second'],
    ['2022-08-04T12:51+01:00', '2022-08-04T11:51:00.000000Z', 60, 0, 'minute'],
    ['2020-05-07T14:38:54,5+02:00', '2020-05-07T12:38:54.500000Z', 120, 1, 'fraction'],
    ['2020-05-07T14:38:54.1234567+08:00', '2020-05-07T06:38:54.123456Z', 480, 7, 'fraction'],
    ['2020-05-07T14:38:54.999999999Z', '2020-05-07T14:38:54.999999Z', 0, 9, 'fraction'],
    ['2024-02-29T00:00:00-00:00', '2024-02-29T00:00:00.000000Z', 0, 0, 'second'],
    ['2000-02-29T00:00:00+18:00', '2000-02-28T06:00:00.000000Z', 1080, 0, 'second'],
    ['2025-12-31T24:00:00Z', '2026-01-01T00:00:00.000000Z', 0, 0, 'second'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000000Z', 0, 0, 'second'],
    ['2017-01-01T08:59:60.5+09:00', '2017-01-01T00:00:00.500000Z', 540, 1, 'fraction'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000000Z', 0, 0, 'second'],
    ['1969-12-31T19:00:00-05:00', '1970-01-01T00:00:00.000000Z', -300, 0, 'second'],
    ['2199-12-31T23:59:59.999Z', '2199-12-31T23:59:59.999000Z', 0, 3, 'fraction'],
    ['2200-01-01T00:30:00+01:00', '2199-12-31T23:30:00.000000Z', 60, 0, 'second'],
  ])('%s', (text, iso, offsetMinutes, fractionDigits, precision) => {
    const value = read(text);
    expect(value).toEqual({
      epochMs: Date.parse(`${iso.slice(0, 23)}Z`),
      iso,
      text,
      offsetMinutes,
      fractionDigits,
      precision,
    });
    expect(Object.is(value.offsetMinutes, -0)).toBe(false);
  });
});

describe('parseInstant refuses', () => {
  it.each([
    '',
    'now',
    '2025-08-15',
    '20250815T233200Z',
    '2025-08-15 23:32:00Z',
    ' 2025-08-15T23:32:00Z',
    '2025-08-15T23:32:00Z\n',
    '2025-08-15T23:32:00.Z',
    '2025-08-15T23:32.5Z',
    '2025-08-15T23Z',
    '2025-08-15T23:32:00+1:00',
    '2025-08-15T23:32:00+01:0',
    '2025-08-15T23:32:00 +01:00',
    '2025-08-15T23:32:00Europe/Oslo',
    '+002025-08-15T23:32:00Z',
    '٢٠٢٥-08-15T23:32:00Z',
    `2025-08-15T23:32:00.${'1'.repeat(20)}Z`,
  ])('the form of %j', (text) => expect(codeOf(text)).toBe('format'));

  it.each(['2025-08-15T23:32:00', '2025-08-15T23:32', '2025-08-15T23:32:00.123'])(
    '%s for its missing offset',
    (text) => expect(codeOf(text)).toBe('offset-missing'),
  );

  it.each([
    '2025-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2025-04-31T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-00-10T00:00:00Z',
    '2025-01-00T00:00:00Z',
    '2025-01-01T24:01:00Z',
    '2025-01-01T24:00:00.001Z',
    '2025-01-01T25:00:00Z',
    '2025-01-01T00:60:00Z',
    '2025-01-01T00:00:61Z',
    '2025-01-01T12:00:60Z',
    '2016-12-31T23:59:60+01:00',
    '2025-01-01T00:00:00+18:01',
    '2025-01-01T00:00:00-19:00',
    '2025-01-01T00:00:00+01:60',
  ])('the impossible %s', (text) => expect(codeOf(text)).toBe('impossible'));

  it.each([
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00+00:01',
    '2200-01-01T00:00:00Z',
    '2199-12-31T23:30:00-01:00',
    '0001-01-01T00:00:00Z',
    '0099-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ])('%s, outside the years kept', (text) => expect(codeOf(text)).toBe('range'));
});

describe('printing', () => {
  it('prints the forms that partners print', () => {
    const epochMs = Date.UTC(2025, 7, 15, 23, 32, 0, 129);
    expect(formatWithOffset({ epochMs, offsetMinutes: 0, fractionDigits: 0 })).toBe(
      '2025-08-15T23:32:00+00:00',
    );
    expect(formatWithOffset({ epochMs, offsetMinutes: -300, fractionDigits: 3 })).toBe(
      '2025-08-15T18:32:00.129-05:00',
    );
    expect(formatWithOffset({ epochMs, offsetMinutes: -30, fractionDigits: 1 })).toBe(
      '2025-08-15T23:02:00.1-00:30',
    );
    expect(formatUtc(epochMs, 2)).toBe('2025-08-15T23:32:00.12Z');
    expect(formatUtc(epochMs, 9)).toBe('2025-08-15T23:32:00.129Z');
  });

  it('prints the Oslo wall clock around both changes of the clock', () => {
    const oslo = (text: string) =>
      formatInZone(Date.parse(text), 'Europe/Oslo', 'yyyy-MM-dd HH:mm:ss');
    expect(oslo('2025-10-26T00:30:00Z')).toBe('2025-10-26 02:30:00');
    expect(oslo('2025-10-26T01:30:00Z')).toBe('2025-10-26 02:30:00');
    expect(oslo('2025-10-26T02:30:00Z')).toBe('2025-10-26 03:30:00');
    expect(oslo('2025-03-30T00:59:59Z')).toBe('2025-03-30 01:59:59');
    expect(oslo('2025-03-30T01:00:00Z')).toBe('2025-03-30 03:00:00');
    expect(oslo('2025-12-31T23:00:00Z')).toBe('2026-01-01 00:00:00');
    expect(() => oslo('not a time')).toThrow(RangeError);
    expect(() => formatInZone(0, 'Nowhere/Land', 'yyyy-MM-dd')).toThrow(RangeError);
  });
});

describe('properties', () => {
  const instants = fc.record({
    epochMs: fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) - 1 }),
    offsetMinutes: fc.integer({ min: -18 * 60, max: 18 * 60 }),
  });

  it('reading undoes printing', () => {
    fc.assert(
      fc.property(instants, ({ epochMs, offsetMinutes }) => {
        const text = formatWithOffset({ epochMs, offsetMinutes, fractionDigits: 3 });
        const value = read(text);
        expect(value).toMatchObject({ epochMs, offsetMinutes, text, fractionDigits: 3 });
        expect(value.iso).toBe(`${formatUtc(epochMs, 3).slice(0, 23)}000Z`);
      }),
    );
  });

  it('the same instant reads the same in every offset', () => {
    fc.assert(
      fc.property(instants, ({ epochMs, offsetMinutes }) => {
        const there = read(formatWithOffset({ epochMs, offsetMinutes, fractionDigits: 3 }));
        expect(there.iso).toBe(read(formatUtc(epochMs, 3)).iso);
      }),
    );
  });

  it('agrees with the platform on every calendar day, real or not', () => {
    const part = (min: number, max: number) => fc.integer({ min, max });
    fc.assert(
      fc.property(part(1970, 2199), part(0, 13), part(0, 32), (year, month, day) => {
        const text = `${year}-${pad(month)}-${pad(day)}T12:00:00Z`;
        const date = new Date(Date.UTC(year, month - 1, day, 12));
        const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
        expect(codeOf(text)).toBe(isReal ? 'ok' : 'impossible');
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws', () => {
    const digits = fc.stringMatching(/^[0-9TZ:+.,-]{0,45}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), digits), (text) => {
        expect(['ok', 'format', 'offset-missing', 'impossible', 'range']).toContain(codeOf(text));
      }),
      { numRuns: 1000 },
    );
  });
});

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
