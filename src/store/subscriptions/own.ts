/** Whose subscriptions one sees: one's own, not deleted; the operator's view holds everyone's. */
import type { Principal } from '../../dialects/dialect.ts';
import { organizationOf } from '../entitlement.ts';
import type { Placeholders } from '../placeholders.ts';

/** A condition on the alias `s`; every statement on a subscription from outside holds it. */
export function isOwn(principal: Principal, placeholders: Placeholders): string {
  return `${wasOwn(principal, placeholders)} and s.state <> 'deleted'`;
}

/** Deleted ones too: what became of their deliveries stays to be told. */
export function wasOwn(principal: Principal, { add }: Placeholders): string {
  const organization = organizationOf(principal);
  return organization === undefined ? 'true' : `s.organization_id = ${add(organization)}`;
}
