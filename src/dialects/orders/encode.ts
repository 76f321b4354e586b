/** A document of the hub → the order as the partner gives it back, each number with its digits. Pure. */
import type { HubDocument } from '../../events/document.ts';
import { numberIn, parseWithDigits, stringifyWithDigits } from '../../lib/json-digits.ts';
import { present } from '../../lib/present.ts';
import { PREFIX } from './names.ts';
import { companyIdIn, type OrdersOptions } from './options.ts';
import { sortRoute } from './route.ts';
import { type Contractor, type RouteEvent, ShippingOrder, UNTABLED } from './schemas.ts';

type Members = Record<string, unknown>;

export interface OrderGiven {
  readonly document: Pick<HubDocument, 'id' | 'organization' | 'organizationName' | 'body'>;
  /** Base of links, without a trailing slash. */
  readonly publicUrl: string;
  readonly options: OrdersOptions;
}

/** Where an order is read. */
export function orderUrl(publicUrl: string, id: string): string {
  return `${publicUrl}${PREFIX}/orders/${id}`;
}

/**
 * The JSON text of the order: what was sent, in the order of the partner's sample, with null for what
 * the tables name and nobody said. A shipper that was not sent is the company that sent the order.
 */
export function encodeOrder({ document, publicUrl, options }: OrderGiven): string {
  const order = objectOf(parseWithDigits(document.body));
  order['shipper'] ??= { name: document.organizationName };
  complete(order);
  const { number, route, loads, shipper, carrier, payer, payment } = order;
  const { driver, vehicle, requirements } = order;
  const links = linksOf({ shipper, carrier, url: orderUrl(publicUrl, document.id) }, options, {
    ofShipper: options.companyIdOf(document.organization),
  });
  return stringifyWithDigits({
    ...{ id: document.id, number, route: sorted(route), loads },
    ...{ shipper, carrier, payer, payment, driver, vehicle },
    requirements: withTextClasses(requirements),
    ...othersOf(order),
    _links: links,
  });
}

/** The hub's own members; where they were sent, they told of something else. */
const ownMembers = ['id', '_links', '_embedded'];
const namedMembers: ReadonlySet<string> = new Set([
  ...ownMembers,
  ...Object.keys(ShippingOrder.properties),
]);

/** What no table names. By hand: to copy an order without some members costs as much as to print it. */
function othersOf(order: Members): Members {
  const others: Members = {};
  for (const name of Object.keys(order)) {
    if (!namedMembers.has(name)) others[name] = order[name];
  }
  return others;
}

/* ---- members ------------------------------------------------------------------------------------ */

/** Puts null for each member that a table names and that is missing, in place. */
type Complete = (value: unknown) => void;

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly [UNTABLED]?: boolean;
}

const complete = completeBy(ShippingOrder) ?? (() => undefined);

/** Read from the schema once; undefined where nothing can be missing. */
function completeBy(schema: object): Complete | undefined {
  const { properties, items }: Shape = schema;
  if (items !== undefined) {
    const ofItem = completeBy(items);
    return ofItem && ((value) => Array.isArray(value) && value.forEach(ofItem));
  }
  if (properties === undefined) return undefined;
  const members = Object.entries(properties).map(([name, property]) => ({
    name,
    isTabled: property[UNTABLED] !== true,
    within: completeBy(property),
  }));
  return (value) => {
    if (!isMembers(value)) return;
    for (const { name, isTabled, within } of members) {
      const member = value[name];
      if (member === undefined && isTabled) value[name] = null;
      else if (member !== undefined && member !== null) within?.(member);
    }
  };
}

function sorted(route: unknown): Members {
  const { events, ...others } = objectOf(route);
  const timed = Array.isArray(events) ? (events as RouteEvent[]) : [];
  return { ...others, events: sortRoute(timed) };
}

/** Classes are texts, also where a number was taken for one. */
function withTextClasses(requirements: unknown): unknown {
  const { required_adr_classes: classes } = objectOf(requirements);
  if (!Array.isArray(classes)) return requirements;
  const texts = classes.map((one: unknown) => numberIn(one)?.toString() ?? one);
  return { ...objectOf(requirements), required_adr_classes: texts };
}

function objectOf(value: unknown): Members {
  return isMembers(value) ? value : {};
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}

/* ---- links -------------------------------------------------------------------------------------- */

/** A link whose target is not known is left out. */
function linksOf(
  given: { readonly shipper: unknown; readonly carrier: unknown; readonly url: string },
  { companiesUrl, organizationOf, companyIdOf }: OrdersOptions,
  { ofShipper }: { readonly ofShipper: number | undefined },
) {
  const company = (id: number | undefined) =>
    id === undefined ? undefined : { id, href: `${companiesUrl}/companies/${id}` };
  const person = (id: number | undefined) =>
    id === undefined ? undefined : { employee_id: id, href: `${companiesUrl}/employees/${id}` };
  const shipper = objectOf(given.shipper) as Partial<Contractor>;
  const carrier = objectOf(given.carrier) as Partial<Contractor>;
  const organization = organizationOf({ name: '', ...carrier });
  const ofCarrier = organization === undefined ? undefined : companyIdOf(organization);
  return {
    self: { href: given.url },
    ...present({
      carrier_company: company(companyIdIn(carrier.contact_person?.trans_id) ?? ofCarrier),
      carrier_contact_person: person(employeeId(carrier)),
      shipper_company: company(companyIdIn(shipper.contact_person?.trans_id) ?? ofShipper),
      shipper_contact_person: person(employeeId(shipper)),
    }),
  };
}

/** Only a whole number names an employee there, also where it came as text. */
function employeeId({ contact_person: contact }: Partial<Contractor>): number | undefined {
  const id = contact?.employee_id;
  if (typeof id === 'string' && !/^\d{1,15}$/.test(id)) return undefined;
  const number = id === null || id === undefined ? undefined : Number(id);
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
