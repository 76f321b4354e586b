/** Small facts about this installation that the first process to come writes down for all. */
import type { Database } from '../database.ts';

/** Writes the fact unless it is there already; gives the value that stands. */
export async function ensureFact(database: Database, name: string, value: string): Promise<string> {
  await database.query(
    'insert into hub_facts (name, value) values ($1, $2) on conflict (name) do nothing',
    [name, value],
  );
  const [row] = await database.query<{ value: string }>(
    'select value from hub_facts where name = $1',
    [name],
  );
  if (row === undefined) throw new Error(`the fact ${name} was not kept`);
  return row.value;
}
