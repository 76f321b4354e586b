/** Names of the organizations that speak: an event keeps the name that its source had. */
import { LRUCache } from 'lru-cache';
import type { Database } from '../database.ts';

/** Some hundred bytes each. */
const namesRememberedMax = 10_000;

const statement = {
  name: 'organization-names',
  text: 'select id, name from organizations where id = any ($1::uuid[])',
};

/** Names by id, remembered for good: an organization is never renamed. */
export type OrganizationNames = (ids: ReadonlySet<string>) => Promise<ReadonlyMap<string, string>>;

export function createOrganizationNames(database: Database): OrganizationNames {
  const known = new LRUCache<string, string>({ max: namesRememberedMax });
  return async (ids) => {
    const names = new Map<string, string>();
    const unknown: string[] = [];
    for (const id of ids) {
      const name = known.get(id);
      if (name === undefined) unknown.push(id);
      else names.set(id, name);
    }
    if (unknown.length === 0) return names;
    const rows = await database.query<{ id: string; name: string }>(statement, [unknown]);
    for (const { id, name } of rows) {
      known.set(id, name);
      names.set(id, name);
    }
    return names;
  };
}
