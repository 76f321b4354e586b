/** The checker checked: it finds each thing that must not happen, and nothing when all is well. */
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import type { ReceivedRequest } from '../support/receiver.ts';
import { createLedger, type ListedDelivery, timeOfNumber, type Wish } from './ledger.ts';

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const timeOf = (push: unknown) => (push as { time: string }).time;
const wish: Wish = { path: '/all', subscription: 's', secret, timeOf };

function push(
  number: number,
  given: { path?: string; secret?: string; id?: string; at?: Date } = {},
) {
  const { path = '/all', id = `d${number}` } = given;
  const body = JSON.stringify({ time: timeOfNumber(number) });
  const now = given.at ?? new Date();
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(given.secret ?? secret).sign(id, now, body),
  };
  const received: ReceivedRequest = {
    ...{ method: 'POST', path, headers, body: Buffer.from(body), connection: 1 },
  };
  return received;
}

const delivered = (...sequences: number[]): ListedDelivery[] =>
  sequences.map((sequence) => ({ id: `d${sequence}`, sequence, state: 'delivered' }));

/** Three events of one unit are acknowledged; the n-th has the sequence number n. */
function ledgerOfThree() {
  const ledger = createLedger([wish]);
  for (const number of [1, 2, 3]) ledger.acknowledge({ number, reference: 'UNIT' });
  const summary = (listed = delivered(1, 2, 3)) => ledger.summary(new Map([['s', listed]]));
  return { ledger, summary };
}

const clean = { acknowledged: 3, received: 3, lost: 0, repeated: 0, outOfOrder: 0, unexpected: 0 };

describe('the ledger', () => {
  it('has no complaint when all came once and in order', async () => {
    const { ledger, summary } = ledgerOfThree();
    const complete = ledger.complete();
    for (const number of [1, 2, 3]) expect(ledger.receive(push(number))).toBe(true);
    await complete;
    expect(summary()).toEqual(clean);
    expect(ledger.complaints()).toEqual([]);
  });

  it('finds what is lost', () => {
    const { ledger, summary } = ledgerOfThree();
    for (const number of [1, 3]) ledger.receive(push(number));
    expect(summary()).toEqual({ ...clean, received: 2, lost: 1 });
  });

  it('finds what came out of order', () => {
    const { ledger, summary } = ledgerOfThree();
    for (const number of [1, 3, 2]) ledger.receive(push(number));
    expect(summary()).toEqual({ ...clean, outOfOrder: 1 });
  });

  it('allows repeats around a kill, the same to the byte, and no others', () => {
    const { ledger, summary } = ledgerOfThree();
    for (const number of [1, 2]) ledger.receive(push(number));
    ledger.killed();
    expect(ledger.receive(push(2))).toBe(true);
    ledger.recovered();
    expect(ledger.receive(push(1))).toBe(true);
    expect(ledger.receive(push(3))).toBe(true);
    expect(summary()).toEqual({ ...clean, repeated: 2 });
    expect(ledger.receive(push(3))).toBe(false);
    ledger.killed();
    expect(ledger.receive(push(3, { id: 'd9' }))).toBe(false);
    expect(summary()).toEqual({ ...clean, repeated: 4, unexpected: 2 });
  });

  it('allows no repeat of what came long before a kill', () => {
    let nowMs = 0;
    const ledger = createLedger([wish], { nowMs: () => nowMs });
    ledger.receive(push(1));
    nowMs = 60_000;
    ledger.receive(push(2));
    ledger.killed();
    ledger.recovered();
    expect(ledger.receive(push(2))).toBe(true);
    expect(ledger.receive(push(1))).toBe(false);
  });

  it('allows a repeat of what was taken without an answer', () => {
    const { ledger } = ledgerOfThree();
    expect(ledger.receive(push(1), { isUnheard: true })).toBe(true);
    expect(ledger.receive(push(1))).toBe(true);
    expect(ledger.receive(push(1))).toBe(false);
  });

  it('takes a signature of any time where the clock is moved, and no other signature', () => {
    const at = new Date(Date.now() - 3_600_000);
    const ledger = createLedger([wish], { isClockOff: true });
    expect(ledger.receive(push(1, { at }))).toBe(true);
    const other = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
    expect(ledger.receive(push(2, { at, secret: other }))).toBe(false);
    expect(ledgerOfThree().ledger.receive(push(1, { at }))).toBe(false);
  });

  it('finds forged pushes, and those to nobody', () => {
    const { ledger, summary } = ledgerOfThree();
    for (const number of [1, 2, 3]) ledger.receive(push(number));
    const other = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;
    expect(ledger.receive(push(1, { secret: other }))).toBe(false);
    expect(ledger.receive(push(1, { path: '/other' }))).toBe(false);
    expect(summary()).toEqual({ ...clean, unexpected: 2 });
  });

  it('finds events that nobody was told of', () => {
    const { ledger, summary } = ledgerOfThree();
    for (const number of [1, 2, 3, 4]) ledger.receive(push(number));
    expect(summary(delivered(1, 2, 3, 4))).toEqual({ ...clean, received: 4, unexpected: 1 });
  });

  it('finds gaps in the numbers, and deliveries that are not done', () => {
    const { ledger, summary } = ledgerOfThree();
    for (const number of [1, 2, 3]) ledger.receive(push(number));
    expect(summary(delivered(1, 2, 3, 5))).toMatchObject({ unexpected: 1 });
    const pending = { id: 'd4', sequence: 4, state: 'pending' };
    expect(summary([...delivered(1, 2, 3), pending])).toMatchObject({ unexpected: 2 });
  });
});
