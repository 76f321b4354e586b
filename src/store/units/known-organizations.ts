/** Refuses a booking that names an organization the hub does not know. */
import type { PutUnit } from '../../dialects/hub-port.ts';
import { invalid } from '../../events/problem.ts';
import { isUuid } from '../../lib/id.ts';
import type { Database } from '../database.ts';

const statement = {
  name: 'organizations-known',
  // By the primary key of organizations.
  text: 'select id from organizations where id = any ($1::uuid[])',
};

/** Ids in lower case. */
export async function knownOrganizations(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const asked = ids.filter(isUuid);
  if (asked.length === 0) return new Set();
  const rows = await database.query<{ id: string }>(statement, [asked]);
  return new Set(rows.map((row) => row.id));
}

/** Throws `invalid-input` naming the first unknown one. */
export async function checkOrganizations(
  database: Database,
  owner: string,
  parties: PutUnit['parties'] = [],
): Promise<void> {
  const known = await knownOrganizations(database, [
    owner,
    ...parties.map((party) => party.organization),
  ]);
  if (!known.has(owner)) throw invalid('organization', 'no such organization', 'known');
  const at = parties.findIndex((party) => !known.has(party.organization.toLowerCase()));
  if (at >= 0) throw invalid(`parties.${at}.organization`, 'no such organization', 'known');
}
