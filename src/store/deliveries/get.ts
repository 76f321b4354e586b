/** One delivery with its attempts, by its id. */
import type { Principal } from '../../dialects/dialect.ts';
import type { AttemptReport, Delivery } from '../../dialects/hub-port.ts';
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';
import { createPlaceholders } from '../placeholders.ts';
import { wasOwn } from '../subscriptions/own.ts';
import {
  type AttemptRow,
  attemptFromRow,
  type DeliveryRow,
  deliveryFromRow,
  doneColumns,
  pendingColumns,
} from './rows.ts';

const attempts = {
  name: 'delivery-attempts',
  text: `select number, at, outcome, stage, status, duration_ms as "durationMs", response
    from attempts where bucket = $1 and delivery_id = $2 order by number`,
};

/** Undefined where there is none to be seen. By primary keys. */
export async function getDelivery(
  database: Database,
  principal: Principal,
  id: string,
): Promise<(Delivery & { readonly attempts: readonly AttemptReport[] }) | undefined> {
  const row = await findDelivery(database, principal, id);
  if (row === undefined) return undefined;
  const rows = await database.query<AttemptRow>(attempts, [bucketOfId(row.id), row.id]);
  return { ...deliveryFromRow(row), attempts: rows.map(attemptFromRow) };
}

/** The delivery alone, pending or finished. */
export async function findDelivery(
  database: Database,
  principal: Principal,
  id: string,
): Promise<DeliveryRow | undefined> {
  const bucket = bucketOfId(id);
  if (bucket === undefined) return undefined;
  const placeholders = createPlaceholders();
  const { add, values } = placeholders;
  const isIt = `d.bucket = ${add(bucket)} and d.id = ${add(id)}`;
  const own = wasOwn(principal, placeholders);
  const [row] = await database.query<DeliveryRow>(
    {
      family: 'delivery-get',
      text: `select ${pendingColumns} from deliveries d join subscriptions s on s.id = d.subscription_id
       where ${isIt} and ${own}
       union all
       select ${doneColumns} from deliveries_done d join subscriptions s on s.id = d.subscription_id
       where ${isIt} and ${own}
       limit 1`,
    },
    values,
  );
  return row;
}
