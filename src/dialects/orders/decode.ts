/** An order as it is sent → a document of the hub, with its parties and its planned stops. Pure. */
import type { PlannedStop, PlannedWindow } from '../../events/document.ts';
import type { Place } from '../../events/event.ts';
import { type OriginalTime, parseInstant } from '../../events/time.ts';
import type { Party } from '../../events/unit.ts';
import { present } from '../../lib/present.ts';
import type { NewDocument } from '../hub-port.ts';
import { checkOrder } from './check.ts';
import { DIALECT } from './names.ts';
import type { OrdersOptions } from './options.ts';
import { sortRoute } from './route.ts';
import type { RouteEvent, ShippingOrder } from './schemas.ts';
import { STOP_KINDS } from './vocabulary.ts';

export interface ReceivedOrder {
  readonly body: unknown;
  readonly bodyText: string;
  /** The caller's, who is the shipper. */
  readonly organization: string | undefined;
  readonly options: OrdersOptions;
}

/** As long as a place's name may be elsewhere in the hub. */
const placeCharsMax = 255;

/** Throws `invalid-input` with everything that is wrong. */
export function decodeOrder(given: ReceivedOrder): NewDocument {
  const order = checkOrder(given.body, given.organization);
  return {
    type: 'order',
    number: order.number,
    dialect: DIALECT,
    parties: partiesOf(order, given.options),
    stops: sortRoute(order.route.events).map(decodeStop),
    body: given.bodyText,
  };
}

/** Who may read the order beside its shipper, as far as the hub knows who they are. */
export function partiesOf(
  { carrier, payer }: ShippingOrder,
  { organizationOf }: OrdersOptions,
): Party[] {
  return Object.entries({ carrier, payer }).flatMap(([role, contractor]) => {
    const organization = contractor ? organizationOf(contractor) : undefined;
    return organization === undefined ? [] : [{ organization, role }];
  });
}

function decodeStop({ type, place, time_frame: frame }: RouteEvent): PlannedStop {
  return { kind: STOP_KINDS[type], place: placeOf(place), window: windowOf(frame) };
}

/** `Some Avenue 12, 3456 Berlin, DE`: the address in one line is the place's name. */
function placeOf({ address, coordinates }: RouteEvent['place']): Place {
  const street = [address.street, address.number].filter(Boolean).join(' ');
  const city = `${address.postal_code} ${address.locality}`;
  const line = [street, city, address.country].filter((part) => part !== '').join(', ');
  const name = line.length <= placeCharsMax ? line : [...line].slice(0, placeCharsMax).join('');
  return { name, ...(coordinates && present(coordinatesOf(coordinates))) };
}

/** Only these two: whatever else was sent with them stays in the body. */
function coordinatesOf({ latitude, longitude }: { latitude: number; longitude: number }) {
  return { latitude, longitude };
}

function windowOf(frame: RouteEvent['time_frame']): PlannedWindow {
  const { day, time_from: fromText, time_to: toText } = frame;
  const from = instantOf(day, fromText);
  return present({ day, fromText, toText, from, to: endOf(instantOf(day, toText), from) });
}

function instantOf(day?: string | null, time?: string | null): OriginalTime | undefined {
  if (typeof day !== 'string' || typeof time !== 'string') return undefined;
  const parsed = parseInstant(`${day}T${time}`);
  return parsed.ok ? parsed.value : undefined;
}

/** A night shift: what ends before it begins ends on the next day. */
function endOf(to: OriginalTime | undefined, from: OriginalTime | undefined) {
  if (to === undefined || from === undefined || to.epochMs >= from.epochMs) return to;
  const nextDay = new Date(Date.parse(`${to.text.slice(0, 10)}T00:00:00Z`) + 86_400_000);
  return instantOf(nextDay.toISOString().slice(0, 10), to.text.slice(11));
}
