/** Notes of planning that is still to be done; see planner.ts. */
import { bucketOfId } from '../../lib/id.ts';
import type { Database } from '../database.ts';

export interface PlanDue {
  /** Carries its bucket. */
  readonly id: string;
  readonly documents: readonly string[];
  readonly units: readonly string[];
}

/** To be called in the transaction of what is to be planned. */
export async function notePlan(database: Database, { id, documents, units }: PlanDue) {
  await database.query(
    {
      name: 'plans-due-note',
      text: 'insert into plans_due (bucket, id, documents, units) values ($1, $2, $3, $4)',
    },
    [bucketOfId(id), id, documents, units],
  );
}

const forget = {
  name: 'plans-due-forget',
  // A note that comes back after a crash of PostgreSQL makes work again and nothing else: no flush.
  text: `with settings as materialized (select set_config('synchronous_commit', 'off', true))
    delete from plans_due p using settings, unnest($1::smallint[], $2::uuid[]) as a (bucket, id)
    where p.bucket = a.bucket and p.id = a.id`,
};

export async function forgetPlans(database: Database, ids: readonly string[]): Promise<void> {
  await database.query(forget, [ids.map(bucketOfId), [...ids]]);
}

/** Oldest first; a few at most, unless a process has ended in the middle of its work. */
export function readPlansDue(database: Database, limit: number): Promise<PlanDue[]> {
  return database.query<PlanDue>(
    'select id, documents, units from plans_due order by id limit $1',
    [limit],
  );
}
