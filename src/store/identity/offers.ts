/** Offers: what a key opens and how often. Few rows, so they are listed in one piece. */
import type { Database } from '../database.ts';

export interface OfferRow {
  readonly id: string;
  readonly name: string;
  /** Null: all dialects. */
  readonly dialects: readonly string[] | null;
  /** Null: no limit. */
  readonly requestsPerMinute: number | null;
}

/** More offers than anyone makes; keeps the list bounded. */
const OFFERS_MAX = 1000;

const COLUMNS = 'id, name, dialects, requests_per_minute as "requestsPerMinute"';

/** In the order in which they were added. */
export function readOffers(database: Database): Promise<OfferRow[]> {
  return database.query<OfferRow>(
    `select ${COLUMNS} from offers order by created_at, id limit $1`,
    [OFFERS_MAX],
  );
}

/** By name, or else by id. */
export async function findOffer(
  database: Database,
  nameOrId: string,
): Promise<OfferRow | undefined> {
  const [row] = await database.query<OfferRow>(
    `select ${COLUMNS} from offers
     where name = $1 or id::text = lower($1)
     order by name = $1 desc
     limit 1`,
    [nameOrId],
  );
  return row;
}

/** False where the name is taken; no statement fails. */
export async function insertOffer(
  database: Database,
  row: OfferRow & { readonly createdAt: Date },
): Promise<boolean> {
  const rows = await database.query(
    `insert into offers (id, name, dialects, requests_per_minute, created_at)
     values ($1, $2, $3, $4, $5)
     on conflict (name) do nothing
     returning id`,
    [row.id, row.name, row.dialects, row.requestsPerMinute, row.createdAt],
  );
  return rows.length > 0;
}
