/** Removes an operator's entry; the change is counted in the same statement. */
import { findBadText } from '../../lib/text.ts';
import type { Database } from '../database.ts';

const statement = {
  name: 'vocabulary-remove',
  text: `with version as (
      update hub_facts set value = (value::bigint + 1)::text where name = 'vocabulary-version'
      returning value
    )
    delete from vocabulary_entries using version where dialect = $1 and code = $2 returning code`,
};

/** False where there is none. */
export async function removeEntry(
  database: Database,
  dialect: string,
  code: string,
): Promise<boolean> {
  // Comes out of a path, where `%00` is possible; no entry has such a code.
  if (findBadText(code) !== undefined) return false;
  return (await database.query(statement, [dialect, code])).length > 0;
}
