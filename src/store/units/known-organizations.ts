/** Refuses a booking that names an organization the hub does not know. */
import type { PutUnit } from '../../dialects/hub-port.ts';
import { type Issue, invalid, Problem } from '../../events/problem.ts';
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

/** Throws `invalid-input` naming the owner, or else each party that is unknown. */
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
  refuseUnknown(known, parties);
}

/** Throws `invalid-input` naming each of the parties that is not among the known ids. */
export function refuseUnknown(
  known: ReadonlySet<string>,
  parties: readonly { readonly organization: string }[],
): void {
  const issues = parties.flatMap(({ organization }, at) =>
    known.has(organization.toLowerCase()) ? [] : [unknownAt(`parties.${at}.organization`)],
  );
  const [first] = issues;
  if (first === undefined) return;
  throw new Problem('invalid-input', `${first.path}: ${first.message}`, { issues });
}

function unknownAt(path: string): Issue {
  return { path, message: 'no such organization', rule: 'known' };
}
