/** The road exchange: an OAuth token, a shipping order in HAL, and its progress in the hub's words. */
import { bearer, type Client, jsonRequest } from '../http.ts';
import { list, member, parse, text } from '../json.ts';

const hal = { accept: 'application/hal+json' };

/** Adds a shipping order; its id, and when the answer had been read. */
export async function addOrder(client: Client, token: string, order: object) {
  const path = '/api/rest/v1/shipping-orders';
  const headers = { ...bearer(token), ...hal };
  const answer = await client.send(
    jsonRequest({ method: 'POST', path, headers, body: order }),
    201,
  );
  return { id: text(parse(answer.text), 'id'), atMs: answer.readAtMs };
}

export interface StopTold {
  readonly type: string;
  /** Units that were there, of those that travel under the order. */
  readonly done: number;
  readonly units: number;
  /** Of the units that were there. */
  readonly minutesLate: readonly number[];
  readonly planned: readonly PlannedEvent[];
}

export interface PlannedEvent {
  readonly id: string;
  readonly reference: string;
  readonly occurredAt: string;
}

/** Planned beside actual, stop by stop. */
export async function readProgress(
  client: Client,
  token: string,
  order: string,
): Promise<readonly StopTold[]> {
  const path = `/hub/v1/orders/${order}/progress`;
  const { text: answer } = await client.send({ method: 'GET', path, headers: bearer(token) }, 200);
  return list(parse(answer), 'stops').map((stop) => {
    const units = list(stop, 'units');
    const actual = units.map((unit) => list(unit, 'actual'));
    return {
      type: text(stop, 'type'),
      done: actual.filter((events) => events.length > 0).length,
      units: units.length,
      minutesLate: actual.flat().flatMap((event) => {
        const minutes = member(event, 'deviationMinutes');
        return typeof minutes === 'number' ? [minutes] : [];
      }),
      planned: units.flatMap((unit) => plannedOf(unit)),
    };
  });
}

function plannedOf(unit: unknown): PlannedEvent[] {
  const planned = member(unit, 'planned');
  if (planned === undefined) return [];
  const reference = text(member(unit, 'unit'), 'reference');
  return [{ id: text(planned, 'id'), reference, occurredAt: text(planned, 'occurredAt') }];
}
