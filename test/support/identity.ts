/** For tests: an identity and its provisioning on a throw-away database, with a clock to set. */

import type { ProvisioningPort } from '../../src/dialects/hub-port.ts';
import { createIdentity, type Identity } from '../../src/identity/index.ts';
import { createProvisioning } from '../../src/identity/provisioning.ts';
import { createIdSource } from '../../src/lib/id.ts';
import { createSealer, type Sealer } from '../../src/lib/seal.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export const ISSUER = 'https://hub.example';
export const ADMIN_KEY = 'adm_for-tests';
export const KNOWN = {
  scopes: new Set(['units.read', 'units.write', 'events.write']),
  services: new Set(['register', 'log']),
  dialects: new Set(['north', 'south']),
};

export interface Clock {
  ms: number;
}

export interface IdentityStand {
  readonly identity: Identity;
  readonly provisioning: ProvisioningPort;
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly test: TestDatabase;
  /** Another process on the same database, with the same clock. */
  readonly another: () => Promise<Identity>;
  /** Statements run since the start. */
  readonly statementCount: () => number;
  readonly close: () => Promise<void>;
}

export async function createIdentityStand(): Promise<IdentityStand> {
  const test = await createTestDatabase();
  const clock: Clock = { ms: Date.UTC(2026, 10, 20, 12) };
  const sealer = createSealer(Buffer.alloc(32, 7));
  const nowMs = () => clock.ms;
  const logger = { info: () => undefined };
  let statements = 0;
  const database: TestDatabase['database'] = {
    ...test.database,
    query: (statement, values) => {
      statements += 1;
      return test.database.query(statement, values);
    },
  };
  const another = () =>
    createIdentity({ database, sealer, nowMs, issuer: () => ISSUER, adminKey: ADMIN_KEY, logger });
  const identity = await another();
  const ids = createIdSource({ now: Date.now, random: (bytes) => crypto.getRandomValues(bytes) });
  const newId = () => ids.next(0);
  const provisioning = await createProvisioning({ database, nowMs, newId, identity, known: KNOWN });
  return {
    ...{ identity, provisioning, clock, sealer, test, another },
    statementCount: () => statements,
    async close() {
      identity.close();
      await test.drop();
    },
  };
}
