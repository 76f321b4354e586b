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

export async function forgetPlan(database: Database, { id }: Pick<PlanDue, 'id'>): Promise<void> {
  await database.query(
    { name: 'plans-due-forget', text: 'delete from plans_due where bucket = $1 and id = $2' },
    [bucketOfId(id), id],
  );
}

/** Oldest first; a few at most, unless a process has ended in the middle of its work. */
export function readPlansDue(database: Database, limit: number): Promise<PlanDue[]> {
  return database.query<PlanDue>(
    'select id, documents, units from plans_due order by id limit $1',
    [limit],
  );
}
