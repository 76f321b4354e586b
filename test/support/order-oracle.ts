/**
 * What an order may be, written down a second time from the partner's tables and our notes, without a
 * schema: an oracle for the tests of the orders dialect.
 */

type Fits = (value: unknown) => boolean;
type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const characters = (value: string) => [...value].length;

/** Members that may be missing or null. */
const optional =
  (fits: Fits): Fits =>
  (value) =>
    value === undefined || value === null || fits(value);
const objectOf =
  (members: Readonly<Record<string, Fits>>): Fits =>
  (value) =>
    isObject(value) && Object.entries(members).every(([name, fits]) => fits(value[name]));
const listOf =
  (fits: Fits, most: number, least = 0): Fits =>
  (value) =>
    Array.isArray(value) && value.length >= least && value.length <= most && value.every(fits);
const wordOf = (words: string): Fits => {
  const known = words.split(' ');
  return (value) => typeof value === 'string' && known.includes(value);
};
const text: Fits = (value) => typeof value === 'string' && characters(value) <= 255;
const someText: Fits = (value) => text(value) && String(value).trim() !== '';
const flag: Fits = (value) => value === true || value === false;
const whole: Fits = (value) => typeof value === 'number' && Number.isInteger(value);
const between =
  (least: number, most: number): Fits =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most;
const notNegative = between(0, Number.MAX_VALUE);
const personId: Fits = (value) => text(value) || whole(value);

const day: Fits = (value) => {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  const isReal = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
  return isReal && date.getUTCFullYear() > 1970 && date.getUTCFullYear() < 2199;
};
const time: Fits = (value) => {
  const match = /^(\d\d):(\d\d):(\d\d)(?:Z|[+-](\d\d):(\d\d))$/.exec(String(value));
  if (typeof value !== 'string' || match === null) return false;
  const [hour, minute, second, hours = 0, minutes = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  const isClock = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
  return isClock && minutes < 60 && hours * 60 + minutes <= 18 * 60;
};
/** Some that are countries; the generators name no other. */
const country = wordOf('PL DE FR XK');

const address = objectOf({
  street: optional(text),
  number: optional(text),
  locality: someText,
  postal_code: someText,
  country,
});
const stop = objectOf({
  place: objectOf({
    address,
    coordinates: optional(objectOf({ latitude: between(-90, 90), longitude: between(-180, 180) })),
  }),
  time_frame: objectOf({ day: optional(day), time_from: optional(time), time_to: optional(time) }),
  type: wordOf('loading unloading'),
});

const contactPerson = objectOf({
  contact_id: optional(personId),
  employee_id: optional(personId),
  trans_id: optional(text),
  given_name: someText,
  family_name: someText,
  email: (value) => text(value) && /^[^\s@]+@[^\s@]+$/.test(String(value)),
  telephone: optional(text),
  fax: optional(text),
});
const contractor = (organization: Fits) =>
  objectOf({
    name: someText,
    vat_id: optional(text),
    address: optional(address),
    contact_person: optional(contactPerson),
    language: optional(text),
    organization_id: optional(organization),
  });
const isUuid: Fits = (value) =>
  typeof value === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value);

const quantity = (unit: string) => objectOf({ value: notNegative, unit_code: wordOf(unit) });
const load = objectOf({
  name: optional(text),
  type_of_load: optional(wordOf('adr bags unit logs envelope box barrel pallet other')),
  weight: quantity('TNE'),
  volume: optional(quantity('M3')),
  height: optional(quantity('M')),
  width: optional(quantity('M')),
  length: optional(quantity('M')),
  amount: optional(notNegative),
});

const currencies =
  'BAM BGN BYR CHF CZK DKK EUR GBP HRK HUF ISK KZT MDL MKD NOK PLN RON RSD RUB SEK TRY UAH USD';
const payment = objectOf({
  price: objectOf({
    value: (value) => typeof value === 'number' && value > 0,
    currency: wordOf(currencies),
  }),
  interval_of_days: (value) => typeof value === 'string' && /^P\d{1,5}D$/.test(value),
});

const bodies =
  'tent isotherm box-truck spacious other car-transporter double-trailer van mega coilmulde ' +
  'walking-floor low-suspension flatbed chemical-tanker food-tanker petroleum-tanker gas-tanker ' +
  'log-trailer oversized-cargo hook-lift container-20-40 dump-truck koffer swap-body-system jumbo ' +
  'cooler curtainsider tanker silos removal-truck';
const adrClass = wordOf('1 2 3 4.1 4.2 4.3 5.1 5.2 6.1 6.2 7 8 9');
const requirements = objectOf({
  is_ftl: optional(flag),
  is_tracking_system_required: optional(flag),
  is_truck_crane_required: optional(flag),
  is_lift_required: optional(flag),
  is_tir_cable_required: optional(flag),
  shipping_remarks: optional((value) => typeof value === 'string' && characters(value) <= 20_000),
  required_ways_of_loading: optional(listOf(wordOf('side top back'), 100)),
  required_truck_bodies: optional(listOf(wordOf(bodies), 100)),
  required_adr_classes: optional(
    listOf((value) => adrClass(typeof value === 'number' ? String(value) : value), 100),
  ),
});

const plate = { registration_plate_number: optional(text) };
const driver = objectOf({
  employee_id: optional(personId),
  family_name: optional(text),
  given_name: optional(text),
  identity_document_number: optional(text),
  telephone: optional(text),
});

/** Whether it may be added by a caller of this organization. */
export function isOrder(value: unknown, organization: string): boolean {
  const own: Fits = (id) => isUuid(id) && String(id).toLowerCase() === organization;
  const order = objectOf({
    number: (number) =>
      typeof number === 'string' && characters(number) <= 64 && /^\S(.*\S)?$/.test(number),
    route: objectOf({ events: listOf(stop, 100, 1) }),
    loads: optional(listOf(load, 1_000)),
    shipper: optional(contractor(own)),
    carrier: optional(contractor(isUuid)),
    payer: optional(contractor(isUuid)),
    payment: optional(payment),
    driver: optional(driver),
    vehicle: optional(objectOf({ ...plate, semi_trailer: optional(objectOf(plate)) })),
    requirements: optional(requirements),
  });
  return order(value);
}
