/** The receiver must see each fault: a benchmark that overlooks a lost push says nothing. */
import { describe, expect, it } from 'vitest';
import { generateSecret, signatureHeaders } from '../../src/delivery/sign.ts';
import { checkTally } from '../receiving.ts';
import { createLedger, headerOf, type Push } from './ledger.ts';

const secret = generateSecret();
const unitA = '0198b0d2-8a00-7000-8000-000000000001';
const unitB = '0198b0d2-8a00-7000-8000-000000000002';

function pushOf(sequence: number, unit = unitA, secrets = [secret]): Push {
  const event = `{"unit":{"id":"${unit}"},"message":"bench ${sequence + 100} é"}`;
  const text = `{"sequence":${sequence},"event":${event},"unit":{"id":"${unit}","spi":null}}`;
  const body = Buffer.from(text).toString('latin1');
  const headers = signatureHeaders({ id: 'id', timestampSec: 1, body: text, secrets });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return { head: ['POST / HTTP/1.1', 'host: here', ...lines].join('\r\n'), body };
}

function faultsOf(pushes: readonly Push[]) {
  const ledger = createLedger();
  ledger.expectSecret(secret);
  for (const push of pushes) ledger.accept(push);
  return ledger.faults();
}

const none = { repeated: 0, missing: 0, outOfOrder: 0, wronglySigned: 0, unreadable: 0 };

describe('the ledger of an endpoint', () => {
  it('finds nothing wrong with pushes that are right, and tells the number of each event', () => {
    expect(faultsOf([pushOf(1), pushOf(2), pushOf(3)])).toEqual(none);
    expect(createLedger().accept(pushOf(7))).toBe(107);
  });

  it('sees one twice, and one missing', () => {
    expect(faultsOf([pushOf(1), pushOf(1, unitB)])).toEqual({ ...none, repeated: 1 });
    expect(faultsOf([pushOf(1), pushOf(3000)])).toEqual({ ...none, missing: 2998 });
  });

  it('sees an older one of the same unit behind a newer one, and lets units overtake', () => {
    expect(faultsOf([pushOf(2), pushOf(1)])).toEqual({ ...none, outOfOrder: 1 });
    expect(faultsOf([pushOf(2), pushOf(1, unitB)])).toEqual(none);
  });

  it('sees a false signature, takes the old secret of two, and says what it cannot read', () => {
    expect(faultsOf([pushOf(1, unitA, [generateSecret()])])).toEqual({ ...none, wronglySigned: 1 });
    expect(faultsOf([pushOf(1, unitA, [generateSecret(), secret])])).toEqual(none);
    const { head } = pushOf(1);
    const unreadable = { ...none, unreadable: 1, wronglySigned: 1 };
    expect(faultsOf([{ head, body: '{}' }])).toEqual(unreadable);
  });
});

describe('headerOf', () => {
  it('gives the value of a line, and nothing for a missing one', () => {
    expect(headerOf('POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 12', 'content-length')).toBe(
      '12',
    );
    expect(headerOf('POST / HTTP/1.1', 'host')).toBe('');
  });
});

describe('checkTally', () => {
  it('takes what is complete and right', () => {
    expect(() => checkTally({ accepted: 3, faults: none }, 3)).not.toThrow();
  });

  it.each([
    [{ accepted: 2, faults: none }, /2 pushes received instead of 3/],
    [{ accepted: 4, faults: none }, /4 pushes received instead of 3/],
    [{ accepted: 3, faults: { ...none, repeated: 1, missing: 1 } }, /1 repeated, 1 missing/],
  ])('throws for %j', (tally, message) => {
    expect(() => checkTally(tally, 3)).toThrow(message);
  });
});
