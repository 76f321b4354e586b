/** Makes the rows that a unit has in a table those given: adds what is new, removes what is gone. */
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';

/** A table of (bucket, unit_id) and two texts, all four its key. */
interface PairTable {
  readonly name: string;
  readonly columns: readonly [string, string];
}

/*
 * Both parts of the statement see the rows as they were, so a row that stays is neither removed nor
 * doubled. Names of tables and columns are ours, never a caller's.
 */
export function replacerOf({ name, columns: [first, second] }: PairTable) {
  const statement = {
    name: `${name}-replace`,
    text: `with wanted as (
        select ${first}, ${second} from unnest($3::text[], $4::text[]) as w (${first}, ${second})
      ), gone as (
        delete from ${name} t where t.bucket = $1 and t.unit_id = $2 and not exists (
          select from wanted w where w.${first} = t.${first} and w.${second} = t.${second})
      )
      insert into ${name} (bucket, unit_id, ${first}, ${second})
      select $1, $2, ${first}, ${second} from wanted
      on conflict do nothing`,
  };
  return async (
    database: Database,
    unit: { readonly id: string },
    pairs: readonly (readonly [string, string])[],
  ): Promise<void> => {
    const values = [pairs.map(([one]) => one), pairs.map(([, other]) => other)];
    await database.query(statement, [bucketOfId(unit.id), unit.id, ...values]);
  };
}
