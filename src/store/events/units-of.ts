/** The units whose events are asked for, as queries for (bucket, id); only those that are seen. */
import type { Principal } from '../../dialects/dialect.ts';
import { isSpi } from '../../events/identifiers.ts';
import { seesUnit } from '../entitlement.ts';
import type { Placeholders } from '../placeholders.ts';
import { selectorConditions } from '../units/selector.ts';

/**
 * The text may be a unit's id, a reference (all its passages) or an SPI. Each way it could be
 * read has its own index, so they are looked up apart and put together without doubles.
 */
export function namedUnits(
  principal: Principal,
  text: string,
  placeholders: Placeholders,
): string | undefined {
  const ways = [{ id: text }, { reference: text }, ...(isSpi(text) ? [{ spi: text }] : [])];
  const queries: string[] = [];
  for (const way of ways) {
    const conditions = selectorConditions(way, placeholders);
    if (conditions === undefined) continue;
    const where = [...conditions, seesUnit(principal, 'u', placeholders)].join(' and ');
    queries.push(`select u.bucket, u.id from units u where ${where}`);
  }
  return queries.length === 0 ? undefined : queries.join('\n    union\n    ');
}

/** All that an organization sees, by unit_parties_by_organization; two roles count once. */
export function ownUnits(organization: string, { add }: Placeholders): string {
  return `select distinct p.bucket, p.unit_id as id from unit_parties p
    where p.organization_id = ${add(organization)}`;
}
