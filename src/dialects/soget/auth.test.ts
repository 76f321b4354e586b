// Two proofs, one customer: every way in which they may fail together.
import { describe, expect, it } from 'vitest';
import { Problem } from '../../events/problem.ts';
import type { Principal } from '../dialect.ts';
import { bothProofs } from './auth.ts';

const scope = 'soget.tracking';
const application: Principal = {
  kind: 'application',
  id: 'app',
  organization: 'one',
  scopes: new Set([scope]),
};
const customer: Principal = {
  kind: 'key',
  id: 'key',
  organization: 'one',
  scopes: new Set(['hub.read']),
  requestsPerMinute: 60,
};

describe('bothProofs', () => {
  it("acts for the key's customer with the application's scopes, limited by the key", () => {
    const dialects = new Set(['soget']);
    const given = { application, customer: { ...customer, dialects }, scope };
    expect(bothProofs(given)).toEqual({ ...customer, dialects, scopes: application.scopes });
  });

  const { organization: _, ...nobody } = customer;
  it.each<[string, { application?: Principal; customer?: Principal }, string, object]>([
    ["a user's token", { application: { ...application, kind: 'user' } }, 'unauthenticated', {}],
    ['the operator', { application: { ...application, kind: 'operator' } }, 'unauthenticated', {}],
    ['no key', { customer: { ...customer, kind: 'application' } }, 'unauthenticated', {}],
    [
      'two organizations',
      { customer: { ...customer, organization: 'two' } },
      'unauthenticated',
      { reason: 'mismatch' },
    ],
    ['no organization', { customer: nobody }, 'unauthenticated', { reason: 'mismatch' }],
    [
      'another scope',
      { application: { ...application, scopes: new Set(['soget.tracing']) } },
      'forbidden',
      { scope },
    ],
    [
      'an offer without this dialect',
      { customer: { ...customer, dialects: new Set(['other']) } },
      'forbidden',
      { proof: 'key' },
    ],
  ])('refuses %s', (_what, given, code, details) => {
    const error = (() => {
      try {
        return bothProofs({ application, customer, scope, ...given });
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(Problem);
    expect(error).toMatchObject({ code, details });
  });
});
