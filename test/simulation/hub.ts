/** One incarnation of a hub: the real delivery engine on simulated parts. */
import {
  createDelivery,
  type DeliveryEngine,
  type DeliveryParts,
} from '../../src/delivery/engine.ts';
import type { DeliverySettings } from '../../src/delivery/settings.ts';
import type { Vocabulary } from '../../src/dialects/dialect.ts';
import { EVENT_TYPES } from '../../src/events/types.ts';
import type { Database } from '../../src/store/database.ts';
import type { DeliveryStore } from '../../src/store/deliveries/delivery-store.ts';
import type { Dice } from './dice.ts';
import type { Process } from './process.ts';

export interface Hub {
  readonly process: Process;
  readonly engine: DeliveryEngine;
  isRunning: boolean;
}

const noDatabase = (): never => {
  throw new Error('there is no PostgreSQL in a simulation');
};

const database: Database = {
  query: noDatabase,
  queryInOrder: noDatabase,
  transaction: noDatabase,
  afterCommit: noDatabase,
  connect: noDatabase,
  connections: noDatabase,
  close: noDatabase,
};

const types = Object.fromEntries(EVENT_TYPES.map((type) => [type, { none: 'simulated' }]));
const vocabulary: Vocabulary = { codes: {}, types: types as Vocabulary['types'] };

const nothing = (): void => undefined;
const logger: DeliveryParts['logger'] = {
  ...{ debug: nothing, info: nothing, warn: nothing },
  isLevelEnabled: () => false,
};

export interface HubParts {
  readonly process: Process;
  readonly store: DeliveryStore;
  readonly sender: DeliveryParts['sender'];
  readonly settings: DeliverySettings;
  readonly dice: Dice;
}

export function createHub({ process, store, sender, settings, dice }: HubParts): Hub {
  let rendered = 0;
  let made = 0;
  const engine = createDelivery({
    ...{ database, store, sender, settings, logger },
    processId: process.id,
    timers: process.timers,
    steadyMs: process.steadyMs,
    nowMs: process.wallMs,
    random: dice.fraction,
    newId: () => {
      made += 1;
      return `notice${made}-of-${process.id}`;
    },
    version: '0.0.0',
    // Nothing is secret here.
    sealer: { seal: (text) => text, open: (text) => text },
    dialects: new Map([
      [
        'plain',
        {
          vocabulary,
          push: ({ event, sequence }) => {
            // No two renderings are the same, so only what was kept can be sent again.
            rendered += 1;
            return { body: `${event.id} ${sequence} ${process.id} ${rendered}` };
          },
        },
      ],
    ]),
  });
  return { process, engine, isRunning: false };
}
