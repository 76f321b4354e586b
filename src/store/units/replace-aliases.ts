/** Makes a unit's further names those of its details: adds what is new, removes what is gone. */
import type { HandlingUnit } from '../../events/unit.ts';
import { aliasesOf } from '../../events/unit-aliases.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';

// Both parts see the rows as they were, so a name that stays is neither removed nor doubled.
const statement = {
  name: 'unit-aliases-replace',
  text: `with wanted as (
      select kind, value from unnest($3::text[], $4::text[]) as w (kind, value)
    ), gone as (
      delete from unit_aliases a where a.bucket = $1 and a.unit_id = $2 and not exists (
        select from wanted w where w.kind = a.kind and w.value = a.value)
    )
    insert into unit_aliases (bucket, unit_id, kind, value)
    select $1, $2, kind, value from wanted
    on conflict do nothing`,
};

export async function replaceAliases(
  database: Database,
  { id, details }: Pick<HandlingUnit, 'id' | 'details'>,
): Promise<void> {
  const aliases = aliasesOf(details);
  await database.query(statement, [
    bucketOfId(id),
    id,
    aliases.map((alias) => alias.kind),
    aliases.map((alias) => alias.value),
  ]);
}
