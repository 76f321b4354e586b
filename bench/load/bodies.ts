/**
 * Request bodies by number: each number gives another body, and the same one everywhere. Rows name
 * a body, because functions do not travel to the process that puts on the load.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkContainer } from '../../src/events/check-digits.ts';
import { packageRoot } from '../../src/lib/package-root.ts';

const firstMs = Date.UTC(2026, 0, 1);
const types = ['gated-in', 'gated-out', 'loaded', 'discharged', 'arrived', 'departed'] as const;

function containerNumber(index: number): string {
  const base = `CSQU${String(index).padStart(6, '0')}`;
  for (let digit = 0; digit < 10; digit += 1) {
    if (checkContainer(`${base}${digit}`) === 'pass') return `${base}${digit}`;
  }
  throw new Error(`${base} has no check digit`);
}

const known: string[] = [];

/** Reference of the unit with this index, from 0: a container number with its check digit. */
export function referenceOf(index: number): string {
  known[index] ??= containerNumber(index);
  return known[index];
}

/** Types take turns, and the time moves on a millisecond with each: no two events are the same. */
function event(number: number, units: number): string {
  const type = types[number % types.length];
  const occurredAt = new Date(firstMs + number).toISOString();
  return `{"unit":{"reference":"${referenceOf(number % units)}"},"type":"${type}","classifier":"actual","occurredAt":"${occurredAt}","place":{"unlocode":"FRLEH","location":"TDF","name":"Terminal de France"},"mode":3,"direction":"import","way":"out","vehicle":{"id":"AB-123-CD"},"full":true,"message":"bench ${number}"}`;
}

const publishedOrder = 'src/dialects/orders/published/shipping-order.txt';
let aroundNumber: readonly string[] = [];

/** The partner's sample request under a number of its own. */
function order(number: number): string {
  if (aroundNumber.length === 0) {
    const text = readFileSync(join(packageRoot(), publishedOrder), 'latin1');
    aroundNumber = text.split('EN/15022021/10');
  }
  return aroundNumber.join(`EN/15022021/${number}`);
}

export type BodyName = 'event' | 'order';

/** ASCII only: the load takes characters for bytes. */
export const bodies: Readonly<Record<BodyName, (number: number, units: number) => string>> = {
  event,
  order,
};
