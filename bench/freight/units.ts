/**
 * The freight of a year as a port and a parcel network would see it: containers, some of which come
 * again, and parcels, of many owners, with some dozens of events each. Pure, and the same every time.
 */
import { bucketOf, referenceKey } from '../../src/events/identifiers.ts';
import type { EventType } from '../../src/events/types.ts';
import type { HandlingUnit } from '../../src/events/unit.ts';
import { createIdSource } from '../../src/lib/id.ts';
import { referenceOf } from '../load/bodies.ts';
import type { Chance } from './chance.ts';

export interface FreightUnit extends HandlingUnit {
  readonly freightFamily: 'Container' | 'Parcel';
  readonly bucket: number;
  /** First and last event, epoch milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly eventCount: number;
}

export interface FreightGiven {
  readonly eventsCount: number;
  /** Organizations that own the units. */
  readonly owners: readonly string[];
  /** A party of every fourth unit. */
  readonly forwarder: string;
  readonly nowMs: number;
  readonly chance: Chance;
}

const eventsMin = 10;
const eventsMax = 50;
const dayMs = 86_400_000;
export const yearMs = 365 * dayMs;
/** Within the half year that the parcel network's log goes back. */
const parcelsMs = 150 * dayMs;
/** A container stays three weeks, a parcel travels four days. */
const spansMs = { Container: 21 * dayMs, Parcel: 4 * dayMs } as const;
const bookedAheadMs = 2 * dayMs;
const parcelEvery = 3;
const returningEvery = 10;
const forwarderEvery = 4;

/** Units in the order of their booking, until they have so many events together. */
export function makeUnits(given: FreightGiven): FreightUnit[] {
  const { eventsCount, nowMs, chance } = given;
  const counts: number[] = [];
  for (let left = eventsCount; left > 0; left -= counts.at(-1) ?? 0) {
    counts.push(Math.min(left, eventsMin + chance.below(eventsMax - eventsMin + 1)));
  }
  const plans = counts.map((eventCount, index) => {
    const family = index % parcelEvery === 0 ? ('Parcel' as const) : ('Container' as const);
    const windowMs = family === 'Parcel' ? parcelsMs : yearMs;
    // Evenly, so that passages of one number do not overlap.
    const age = (1 - index / counts.length) * (windowMs - spansMs[family]) + spansMs[family];
    return { index, eventCount, family, fromMs: Math.floor(nowMs - age) };
  });
  plans.sort((one, other) => one.fromMs - other.fromMs);
  let bookedMs = 0;
  const ids = createIdSource({ now: () => bookedMs, random: (bytes) => fill(bytes, chance) });
  return plans.map((plan) => {
    bookedMs = plan.fromMs - bookedAheadMs;
    return makeUnit(plan, { ...given, count: counts.length, newId: ids.next });
  });
}

function fill(bytes: Uint8Array, chance: Chance): void {
  for (let at = 0; at < bytes.length; at++) bytes[at] = chance.below(256);
}

interface Plan {
  readonly index: number;
  readonly eventCount: number;
  readonly family: 'Container' | 'Parcel';
  readonly fromMs: number;
}

function makeUnit(
  { index, eventCount, family, fromMs }: Plan,
  given: FreightGiven & { count: number; newId: (bucket: number) => string },
): FreightUnit {
  const { owners, forwarder, count } = given;
  const isParcel = family === 'Parcel';
  // A container that comes again does so a quarter of a year later.
  const quarter = Math.floor(count / 4);
  const isReturning = index % returningEvery === 1 && index > quarter;
  const number = isReturning ? index - quarter : index;
  const reference = isParcel ? `37072476${String(index).padStart(10, '0')}` : referenceOf(number);
  const bucket = bucketOf(referenceKey(reference));
  const bookedMs = fromMs - bookedAheadMs;
  return {
    id: given.newId(bucket),
    bucket,
    organization: owners[index % owners.length] ?? '',
    reference,
    ...(isParcel ? {} : { spi: `CNI${String(index).padStart(10, '0')}` }),
    freightFamily: family,
    customsFlag: isParcel ? 'Unknown' : 'Import',
    documents: isParcel
      ? [{ type: 'consignment', reference: `70712190${index}` }]
      : [
          { type: 'booking', reference: `BKG${index}` },
          { type: 'billOfLading', reference: `HLCU${index}` },
        ],
    parties: index % forwarderEvery === 0 ? [{ organization: forwarder, role: 'carrier' }] : [],
    details: isParcel
      ? { parcel: { shipmentNumber: `70712190${index}`, shopName: 'Shop', shopId: 4711 } }
      : { sizeType: '22G1', measures: { quantity: 10 }, indicators: { hazardous: false } },
    createdAtMs: bookedMs,
    updatedAtMs: bookedMs,
    fromMs,
    toMs: fromMs + spansMs[family],
    eventCount,
  };
}

/** What happens to them, over and over: words that the dialects asked here have all a word for. */
export const happenings: Readonly<Record<'Container' | 'Parcel', readonly EventType[]>> = {
  Container: [
    'arrived',
    'discharged',
    'shifted',
    'customs-held',
    'shifted',
    'customs-released',
    'gated-out',
    'gated-in',
  ],
  Parcel: [
    'announced',
    'received',
    'loading',
    'in-transit',
    'communication-sent',
    'arrived-at-service-point',
    'delivered',
  ],
};
