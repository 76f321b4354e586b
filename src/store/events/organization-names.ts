/** What the organizations that registered events are called. */
import type { Database } from '../database.ts';

const statement = {
  name: 'organization-names',
  // By the primary key of organizations.
  text: 'select id, name from organizations where id = any ($1::uuid[])',
};

/** By id; ids may repeat. */
export async function organizationNames(
  database: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const asked = [...new Set(ids)];
  if (asked.length === 0) return new Map();
  const rows = await database.query<{ id: string; name: string }>(statement, [asked]);
  return new Map(rows.map((row) => [row.id, row.name]));
}
