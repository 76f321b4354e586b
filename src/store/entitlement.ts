/**
 * Who sees what, as SQL: every statement that reads units or events holds `seesUnit`. A unit that
 * may not be seen is thereby the same as one that does not exist: no row, no count, no difference.
 */
import type { Principal } from '../dialects/dialect.ts';
import { Problem } from '../events/problem.ts';
import type { Placeholders } from './placeholders.ts';

/**
 * The organization acted for; undefined means all of them. Only the operator may be without one:
 * a proof of another kind that lost its organization must never turn into the operator.
 */
export function organizationOf(principal: Principal): string | undefined {
  if (principal.organization === undefined && principal.kind !== 'operator') {
    throw new Error(`a principal of kind ${principal.kind} without an organization`);
  }
  return principal.organization;
}

/**
 * Holds where the principal's organization is the owner or a party; `unit` is an alias that has
 * `bucket` and `id`. Served by the primary key of unit_parties (bucket, unit_id, organization_id).
 */
export function seesUnit(principal: Principal, unit: string, placeholders: Placeholders): string {
  const organization = organizationOf(principal);
  if (organization === undefined) return 'true';
  return `exists (select from unit_parties seen where seen.bucket = ${unit}.bucket
    and seen.unit_id = ${unit}.id and seen.organization_id = ${placeholders.add(organization)})`;
}

/** Who will own what is made. The operator must say, everyone else may only name their own. */
export function ownerOf(principal: Principal, given: string | undefined): string {
  const organization = organizationOf(principal);
  if (organization === undefined) {
    if (given !== undefined) return given.toLowerCase();
    throw new Problem('invalid-input', 'organization: the operator must say for whom', {
      issues: [
        { path: 'organization', message: 'the operator must say for whom', rule: 'required' },
      ],
    });
  }
  // Refused before any look-up, so the answer does not tell whether that organization exists.
  if (given !== undefined && given.toLowerCase() !== organization) {
    throw new Problem('forbidden', 'organization: only your own may be named', {
      issues: [{ path: 'organization', message: 'only your own may be named', rule: 'own' }],
    });
  }
  return organization;
}
