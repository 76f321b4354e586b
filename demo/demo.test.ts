/** The small pure parts: table, check digits, curl lines. The whole is tested by running it. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { checkContainer } from '../src/events/check-digits.ts';
import { containerNumber, publishedRegistration } from './cast.ts';
import { closingTable, percentile } from './table.ts';
import { curl } from './try-next.ts';

describe('the closing table', () => {
  it('takes the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect([0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 99, 100]);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeUndefined();
  });

  it('shows each route, and what failed', () => {
    const table = closingTable({
      counts: {
        hub: { recorded: 1200, duplicates: 2 },
        parcels: { recorded: 9, duplicates: 1 },
        orders: { recorded: 0, duplicates: 0 },
      },
      routes: () => [
        {
          ...{ registeredIn: 'hub', pushedAs: 'soget' },
          ...{ expected: 4, received: 3, verified: 2, latenciesMs: [1, 2, 30.04] },
        },
        {
          ...{ registeredIn: 'parcels', pushedAs: 'hub' },
          ...{ expected: 5, received: 5, verified: 5, latenciesMs: [4] },
        },
      ],
    });
    const rows = table.split('\n').map((line) => line.split(/ {2,}/).filter(Boolean));
    expect(rows[2]).toEqual(['hub', '1,200', '2', 'soget', '4', '3', '2', '2', '2.0', '30.0']);
    expect(rows[3]).toEqual(['parcels', '9', '1', 'hub', '5', '5', '5', '0', '4.0', '4.0']);
    expect(rows.at(-1)).toEqual(['total', '1,209', '3', '9', '8', '7', '2', '2.0', '30.0']);
  });
});

describe('the cast', () => {
  it('numbers its ordinary containers by ISO 6346', () => {
    const serials = Array.from({ length: 500 }, (_, at) => at * 1999);
    const numbers = serials.flatMap((n) =>
      ['TGHU', 'CSQU', 'ABKZ'].map((o) => containerNumber(o, n)),
    );
    expect(numbers.filter((number) => checkContainer(number) !== 'pass')).toEqual([]);
    expect(containerNumber('CSQU', 305_438)).toBe('CSQU3054383');
  });

  it('keeps the sample request of the network as published', () => {
    expect(JSON.parse(publishedRegistration)).toEqual({
      trackingReference: '370724762112345678',
      eventTime: '2022-08-04T12:51:00+01:00',
      locationContext: 'my postalname',
      eventType: '013',
      message: 'Delivered',
    });
  });
});

describe('a curl line', () => {
  it('reaches the program as it was meant, with the time put in by the shell', () => {
    const line = curl('http://127.0.0.1:1', {
      method: 'POST',
      path: '/x?a=1&b=$HOME',
      headers: { 'content-type': 'application/json' },
      body: `{"eventTime":"{now}","message":"it's \\"quoted\\" $HOME"}`,
    });
    const shown = execFileSync('sh', ['-c', line.replace(/^curl/, "printf '%s\\n'")], {
      encoding: 'utf8',
    });
    const [silent, url, header, type, data, body] = shown.trimEnd().split('\n');
    expect([silent, header, data]).toEqual(['-s', '-H', '-d']);
    expect(type).toBe('content-type: application/json');
    expect(url).toBe('http://127.0.0.1:1/x?a=1&b=$HOME');
    const { eventTime, message } = JSON.parse(body ?? '');
    expect(message).toBe('it\'s "quoted" $HOME');
    expect(eventTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });
});
