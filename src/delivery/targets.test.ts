/** How a change of a subscription is noticed that another hub made. */
import { expect, test } from 'vitest';
import type { DeliveryStore } from '../store/deliveries/delivery-store.ts';
import type { SendingRow } from '../store/deliveries/sending.ts';
import { defaultDeliverySettings } from './settings.ts';
import { type Target, Targets } from './targets.ts';

const hourMicroseconds = 3_600_000_000;
/** As many as a minute has. */
const polls = 30;

const paused: SendingRow = {
  ...{ id: 's', organizationId: 'o', endpointId: 'e', dialect: 'plain', externalId: null },
  ...{ url: 'http://receiver/', state: 'paused', settings: {}, secretSealed: '' },
  ...{ previousSecretSealed: null, previousSecretUntil: null, version: hourMicroseconds },
  ...{ ratePerSecond: null, sendsMax: null, notices: false },
};

const unasked = (): never => {
  throw new Error('not asked in this test');
};

const unaskedStore: DeliveryStore = {
  ...{ join: unasked, tell: unasked, complete: unasked, readLane: unasked },
  ...{ waitingEndpoints: unasked, loadForSending: unasked, newestVersion: unasked },
  ...{ changedSubscriptions: unasked, disableSubscription: unasked },
  ...{ warnSubscription: unasked, releaseHeld: unasked },
};

/** Targets over one subscription, whose row the test sets. */
function createOne(given: SendingRow) {
  const table = { row: given };
  let atRest: (target: Target | undefined) => void = () => undefined;
  let last: Target | undefined;
  const loaded = () =>
    new Promise<Target | undefined>((resolve) => {
      atRest = resolve;
    });
  const targets = new Targets({
    store: {
      ...unaskedStore,
      loadForSending: async () => [table.row],
      newestVersion: async () => 10 * hourMicroseconds,
      changedSubscriptions: async () => [],
    },
    secrets: { issue: unasked, open: unasked },
    timers: {
      set: (run) => {
        queueMicrotask(run);
        return 1;
      },
      clear: () => undefined,
    },
    nowMs: () => 0,
    settings: defaultDeliverySettings,
    logger: { warn: () => undefined },
    onLoaded: (target) => {
      last = target;
    },
    onRest: () => atRest(last),
    hasLane: () => true,
  });
  return { table, targets, loaded };
}

test('also when its clock is behind, so that the change looks older than what was seen', async () => {
  const { table, targets, loaded } = createOne(paused);
  const first = loaded();
  targets.want('s', false);
  expect((await first)?.isActive).toBe(false);

  table.row = { ...paused, state: 'active', version: hourMicroseconds + 1 };
  const second = loaded();
  for (let count = 0; count < polls; count += 1) await targets.poll();
  expect((await second)?.isActive).toBe(true);
});

test('at once: nothing goes out by what held before, while the change is being read', async () => {
  const { table, targets, loaded } = createOne({ ...paused, state: 'active', sendsMax: 3 });
  const first = loaded();
  targets.want('s', false);
  await first;
  expect(targets.active('s')?.secretSealed).toBe('');

  table.row = { ...table.row, secretSealed: 'new', version: hourMicroseconds + 1 };
  const second = loaded();
  targets.want('s', true);
  expect(targets.active('s')).toBeUndefined();
  expect(targets.limitsOf('s')).toEqual({ sendsMax: 3 });
  await second;
  expect(targets.active('s')?.secretSealed).toBe('new');
});
