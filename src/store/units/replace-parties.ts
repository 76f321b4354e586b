/** Makes a unit's parties those given. The owner's row is not touched: it is no party of its own. */
import type { HandlingUnit } from '../../events/unit.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';

const statement = {
  name: 'unit-parties-replace',
  text: `with wanted as (
      select organization_id, role
      from unnest($3::uuid[], $4::text[]) as w (organization_id, role)
    ), gone as (
      delete from unit_parties p
      where p.bucket = $1 and p.unit_id = $2 and p.role <> 'owner' and not exists (
        select from wanted w where w.organization_id = p.organization_id and w.role = p.role)
    )
    insert into unit_parties (bucket, unit_id, organization_id, role, may_register)
    select $1, $2, organization_id, role, role <> 'observer' from wanted
    on conflict do nothing`,
};

export async function replaceParties(
  database: Database,
  { id, parties }: Pick<HandlingUnit, 'id' | 'parties'>,
): Promise<void> {
  await database.query(statement, [
    bucketOfId(id),
    id,
    parties.map((party) => party.organization),
    parties.map((party) => party.role),
  ]);
}
