// What recording does for those who render: it keeps the speaker's name, and spares them what their
// dialect cannot say.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  operator,
  type StoreBench,
  timeOf,
} from '../../../test/support/store.ts';
import type { Principal } from '../../dialects/dialect.ts';
import type { EventDraft } from '../../events/event.ts';
import { createEvents } from '../events/index.ts';
import { createSubscriptions } from '../subscriptions/index.ts';
import { createUnits } from '../units/index.ts';
import { createRecorder, type RecordedDelivery } from './index.ts';

let bench: StoreBench;
beforeAll(async () => {
  bench = await createStoreBench();
});
afterAll(() => bench.drop());

const logger = { error: () => undefined };
let minutes = 0;

function draft(reference: string, more: Partial<EventDraft> = {}): EventDraft {
  minutes += 1;
  return {
    unit: { reference },
    type: 'gated-out',
    classifier: 'actual',
    occurredAt: timeOf(new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString()),
    source: { dialect: 'hub' },
    received: '{}',
    ...more,
  };
}

describe('what a dialect cannot say', () => {
  it('makes no delivery and uses up no number', async () => {
    const told: RecordedDelivery[] = [];
    const recorder = createRecorder({
      ...bench,
      handOver: (deliveries) => void told.push(...deliveries),
      unsaidIn: (event) => (event.type === 'gated-in' ? ['hub', 'other'] : ['other']),
      logger,
    });
    const us = memberOf(await bench.organization());
    const { unit } = await createUnits(bench).put(us, {
      reference: 'SAID-1',
      freightFamily: 'Container',
    });
    const subscriptions = createSubscriptions({
      ...bench,
      secrets: { issue: () => ({ secret: 'whsec_x', sealed: 'sealed' }) },
      checkUrl: (text) => ({ ok: true, url: new URL(text) }),
      onChange: () => undefined,
    });
    const wish = { url: 'https://x.test/', filter: { unit: unit.id } };
    const { subscription } = await subscriptions.create(us, { dialect: 'hub', ...wish });
    await subscriptions.create(us, { dialect: 'other', ...wish });
    const types = ['gated-out', 'gated-in', 'gated-out'] as const;
    const drafts = types.map((type) => draft(unit.reference, { type }));
    const results = await recorder.record(us, drafts);
    expect(results.map(({ status }) => status)).toEqual(['recorded', 'recorded', 'recorded']);
    expect(told.map(({ subscriptionId, sequence }) => [subscriptionId, sequence])).toEqual([
      [subscription.id, 1],
      [subscription.id, 2],
    ]);
  });
});

describe('the name of the source', () => {
  it('is that of the speaker, for the operator of whom it speaks for, else of the owner', async () => {
    const recorder = createRecorder({ ...bench, handOver: () => undefined, logger });
    const [named, other] = [await bench.organization('Named'), await bench.organization('Other')];
    const { unit } = await createUnits(bench).put(memberOf(named), {
      reference: 'NAMED-1',
      freightFamily: 'Container',
      parties: [{ organization: other, role: 'terminal' }],
    });
    const nameOf = async (principal: Principal, organization?: string) => {
      const source = { dialect: 'hub', ...(organization === undefined ? {} : { organization }) };
      const [result] = await recorder.record(principal, [draft(unit.reference, { source })]);
      if (result === undefined || result.status === 'rejected') throw new Error('rejected');
      return (await createEvents(bench).get(operator, result.id))?.sourceName;
    };
    expect(await nameOf(memberOf(named))).toBe('Named');
    expect(await nameOf(memberOf(other))).toBe('Other');
    expect(await nameOf(operator)).toBe('Named');
    expect(await nameOf(operator, other)).toBe('Other');
  });
});
