/** A document of the hub → the order as the partner gives it back, each number with its digits. Pure. */
import type { HubDocument } from '../../events/document.ts';
import { numberIn, parseWithDigits, stringifyWithDigits } from '../../lib/json-digits.ts';
import { present } from '../../lib/present.ts';
import { PREFIX } from './names.ts';
import { companyIdIn, type OrdersOptions } from './options.ts';
import { sortRoute } from './route.ts';
import { type Contractor, type RouteEvent, ShippingOrder, UNTABLED } from './schemas.ts';

type Members = Readonly<Record<string, unknown>>;

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
  // These two were not sent, or stood for something else in what was sent: they are the hub's.
  const { id: _id, _links, _embedded, ...sent } = objectOf(parseWithDigits(document.body));
  const sender = sent['shipper'] ?? { name: document.organizationName };
  const order = objectOf(completed(ShippingOrder, { ...sent, shipper: sender }));
  const { number, route, loads, shipper, carrier, payer, payment, ...rest } = order;
  const { driver, vehicle, requirements, ...others } = rest;
  const links = linksOf({ shipper, carrier, url: orderUrl(publicUrl, document.id) }, options, {
    ofShipper: options.companyIdOf(document.organization),
  });
  return stringifyWithDigits({
    ...{ id: document.id, number, route: sorted(route), loads },
    ...{ shipper, carrier, payer, payment, driver, vehicle },
    requirements: withTextClasses(requirements),
    ...others,
    _links: links,
  });
}

/* ---- members ------------------------------------------------------------------------------------ */

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly [UNTABLED]?: boolean;
}

/** The value with null for each member that a table names and that is missing. */
function completed(schema: object, value: unknown): unknown {
  const { properties, items }: Shape = schema;
  if (Array.isArray(value)) {
    return items === undefined ? value : value.map((item) => completed(items, item));
  }
  if (properties === undefined || typeof value !== 'object' || value === null) return value;
  const whole: Record<string, unknown> = { ...value };
  for (const [name, property] of Object.entries(properties)) {
    if (whole[name] !== undefined) whole[name] = completed(property, whole[name]);
    else if (property[UNTABLED] !== true) whole[name] = null;
  }
  return whole;
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
  return typeof value === 'object' && value !== null ? { ...value } : {};
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
