/** Deliveries and attempts as the hub's port shows them. */
import type { AttemptReport, Delivery, DeliveryState } from '../../dialects/hub-port.ts';
import { present } from '../../lib/present.ts';

export interface DeliveryRow {
  readonly id: string;
  readonly subscription: string;
  readonly sequence: number;
  readonly event: string;
  readonly unit: string;
  readonly state: DeliveryState;
  readonly attemptCount: number;
  /** Infinity while the subscription is paused or disabled. */
  readonly dueAt: Date | number | null;
  readonly finishedAt: Date | null;
}

const shared = `d.id, d.subscription_id as subscription, d.sequence, d.event_id as event,
  d.unit_id as unit`;

/** The select list of a `DeliveryRow` from `deliveries d`. */
export const pendingColumns = `${shared}, 'pending' as state, d.attempt_count as "attemptCount",
  d.due_at as "dueAt", null::timestamptz as "finishedAt"`;

/** The select list of a `DeliveryRow` from `deliveries_done d`. */
export const doneColumns = `${shared}, d.state, d.attempt_count as "attemptCount",
  null::timestamptz as "dueAt", d.finished_at as "finishedAt"`;

/** One that is held back has no due time: nobody knows when its subscription is resumed. */
export function deliveryFromRow(row: DeliveryRow): Delivery {
  const { dueAt, finishedAt, ...delivery } = row;
  return {
    ...delivery,
    ...present({
      dueAtMs: dueAt instanceof Date ? dueAt.getTime() : undefined,
      finishedAtMs: finishedAt?.getTime(),
    }),
  };
}

export interface AttemptRow {
  readonly number: number;
  readonly at: Date;
  readonly outcome: AttemptReport['outcome'];
  readonly stage: string | null;
  readonly status: number | null;
  readonly durationMs: number;
  readonly response: string | null;
}

export function attemptFromRow({ at, stage, status, response, ...row }: AttemptRow): AttemptReport {
  return { ...row, atMs: at.getTime(), ...present({ stage, status, response }) };
}
