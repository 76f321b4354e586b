/** Whose subscriptions one sees: one's own, alive; the operator's view holds everyone's. */
import type { Principal } from '../../dialects/dialect.ts';
import { organizationOf } from '../entitlement.ts';
import type { Placeholders } from '../placeholders.ts';

/** A condition on the alias `s`; every statement on a subscription from outside holds it. */
export function isOwn(principal: Principal, { add }: Placeholders): string {
  const organization = organizationOf(principal);
  const mine = organization === undefined ? 'true' : `s.organization_id = ${add(organization)}`;
  return `${mine} and s.state <> 'deleted'`;
}
