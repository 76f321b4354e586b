/** Finds the endpoints that have deliveries waiting, without reading the deliveries. */
import type { Database } from '../database.ts';

export interface WaitingEndpoint {
  readonly endpointId: string;
  /** Position of its newest waiting delivery, whosever bucket that is in. */
  readonly lastPosition: number;
}

/*
 * A loose index scan: one look-up in deliveries_of_endpoint per endpoint, however many deliveries
 * each has. Endpoints come in falling order; `$1` is where the last page ended.
 */
const text = `
with recursive found as (
  (select endpoint_id, position, 1 as place from deliveries
   where $1::uuid is null or endpoint_id < $1
   order by endpoint_id desc, position desc limit 1)
  union all
  select n.endpoint_id, n.position, f.place + 1
  from found f, lateral (
    select d.endpoint_id, d.position from deliveries d
    where d.endpoint_id < f.endpoint_id
    order by d.endpoint_id desc, d.position desc limit 1
  ) n
  where f.place < $2
)
select endpoint_id as "endpointId", position as "lastPosition" from found`;

/** At most `limit`, from behind `before` on; a shorter page is the last one. */
export function waitingEndpoints(
  database: Database,
  { before, limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<WaitingEndpoint[]> {
  return database.query<WaitingEndpoint>(text, [before ?? null, limit]);
}
