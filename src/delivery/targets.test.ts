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

test('also when its clock is behind, so that the change looks older than what was seen', async () => {
  let present = paused;
  let atRest: (target: Target | undefined) => void = () => undefined;
  let last: Target | undefined;
  const loaded = () =>
    new Promise<Target | undefined>((resolve) => {
      atRest = resolve;
    });
  const targets = new Targets({
    store: {
      ...unaskedStore,
      loadForSending: async () => [present],
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
  const first = loaded();
  targets.want('s', false);
  expect((await first)?.isActive).toBe(false);

  present = { ...paused, state: 'active', version: hourMicroseconds + 1 };
  const second = loaded();
  for (let count = 0; count < polls; count += 1) await targets.poll();
  expect((await second)?.isActive).toBe(true);
});
