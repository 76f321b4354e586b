/** Who is in the story, what they handle, and the partners' published sample requests. */

export const roles = ['port', 'terminal', 'shipper', 'parcelNetwork', 'stranger'] as const;
export type Role = (typeof roles)[number];

export interface Part {
  readonly name: string;
  readonly scopes: readonly string[];
}

const registering = ['hub.read', 'hub.units.write', 'hub.events.write', 'hub.subscriptions'];
const ordering = [
  'hub.units.write',
  'orders.orders.basic.read',
  'orders.shipping-orders.basic.create',
];
const tracing = ['hub.read', 'hub.subscriptions', 'soget.tracking', 'soget.tracing'];

export const cast: Readonly<Record<Role, Part>> = {
  port: { name: 'Port Community Le Havre', scopes: registering },
  terminal: { name: 'Terminal MTDF', scopes: registering },
  shipper: { name: 'Estuary Forwarding', scopes: [...tracing, ...ordering] },
  parcelNetwork: { name: 'Fjord Parcels', scopes: registering },
  // Has nothing to do with any of the freight, so it must not notice that the freight exists.
  stranger: { name: 'Somebody Else', scopes: tracing },
};

/** A handling unit with who may see it: its owner and its parties. */
export interface Unit {
  readonly reference: string;
  readonly spi?: string;
  readonly freightFamily: 'Container' | 'Parcel';
  readonly customsFlag?: 'Import' | 'Transhipment';
  readonly owner: Role;
  readonly parties: readonly Role[];
  readonly documents: readonly { readonly type: string; readonly reference: string }[];
  /** In the shape of SOGET's `HandlingUnit`. */
  readonly details?: object;
}

export const vessel = { id: '9360142', name: 'MSC EYRA', voyage: 'BA649R' };

const transport = {
  meansName: vessel.name,
  voyageId: 'VOS0000034525',
  mode: 1,
  meansNationality: 'GBR',
  voyageDates: { eta: '2026-11-17T06:30:00+01:00', etd: '2026-11-18T04:00:00+01:00' },
  schedulePlace: 'FRLEH',
  meansType: 'MVE',
  meansId: [{ type: 'IMONumber', name: vessel.id }],
  arrivalScheduleReference: 'BA649R',
  departureScheduleReference: 'BA649A',
};

function container(
  given: Pick<Unit, 'reference'> & Partial<Unit>,
  kilograms: { readonly tare: number; readonly gross: number },
): Unit {
  const kgm = (value: number) => ({ value, unit: 'KGM' });
  return {
    freightFamily: 'Container',
    customsFlag: 'Import',
    owner: 'port',
    parties: ['terminal', 'shipper'],
    documents: [
      { type: 'billOfLading', reference: 'HLCUEUR2002APIK9' },
      { type: 'booking', reference: 'BKG2026117042' },
    ],
    ...given,
    details: {
      sizeType: '22G1',
      measures: {
        quantity: 10,
        weight: { tare: kgm(kilograms.tare), grossWeight: kgm(kilograms.gross) },
      },
      indicators: { hazardous: false, empty: false, reefer: false },
      actors: { freightAgent: 'CCGM', freightForwarder: '2308522' },
      shipments: [{ documentReference: 'HLCUEUR2002APIK9', documentType: 705 }],
      transport,
      emptyReturn: { dueDate: '2026-11-21T18:00:00+01:00' },
    },
  };
}

/** The first two are SOGET's samples; their check digits fail, which is worth a warning only. */
export const containers = {
  traced: container(
    { reference: 'CGMU2436601', spi: 'CNI0000063978' },
    { tare: 2_230, gross: 13_030 },
  ),
  sample: container(
    { reference: 'CGMU0000001', spi: 'CNI0000000001' },
    { tare: 2_180, gross: 21_400 },
  ),
  third: container(
    { reference: 'CSQU3054383', spi: 'CNI0000070001' },
    { tare: 2_250, gross: 9_870 },
  ),
  transhipped: container(
    { reference: 'MSCU7042154', spi: 'CNI0000070002', customsFlag: 'Transhipment' },
    { tare: 2_250, gross: 18_120 },
  ),
  /** Of the terminal's sample request. */
  subscribed: {
    reference: 'APZU4812090',
    freightFamily: 'Container',
    customsFlag: 'Import',
    owner: 'port',
    parties: ['terminal', 'shipper'],
    documents: [{ type: 'billOfLading', reference: 'ABCD421911263977' }],
  },
} as const satisfies Readonly<Record<string, Unit>>;

function parcel(reference: string): Unit {
  return {
    reference,
    freightFamily: 'Parcel',
    owner: 'parcelNetwork',
    parties: ['shipper'],
    documents: [{ type: 'consignment', reference: '(401)70712190172720651' }],
  };
}

/** The second is the parcel of the network's sample request. */
export const parcels = {
  followed: parcel('370724760010119754'),
  sample: parcel('370724762112345678'),
};

/** One SSCC as partners spell it; all three name the same parcel. */
export const spellingsOf = (sscc: string) => [`(00)${sscc}`, `00${sscc}`, sscc] as const;

/** SOGET's sample of `TrackingSinglePost`, without its URL. */
export const publishedTracking = {
  spi: 'CNI0000000001',
  reference: 'CGMU0000001',
  way: 'Import',
  place: 'MTDF',
  agentCode: 'CCGM',
  externalReference: 'EXT-REF-001',
};

/** SOGET's sample of a tracing query. */
export const publishedTracingQuery = {
  reference: 'CGMU2436601',
  spi: 'CNI0000063978',
  limit: '5',
  offset: '0',
  desc: 'true',
};

/** The terminal's sample of a subscription, without its URL; it writes null as a text. */
export const publishedSubscription = {
  bookingReference: 'null',
  transportDocumentID: 'ABCD421911263977',
  transportDocumentType: 'BOL',
  equipmentReference: 'APZU4812090',
};

/** The parcel network's sample request, byte for byte. */
export const publishedRegistration = `{
"trackingReference": "370724762112345678",
"eventTime": "2022-08-04T12:51:00+01:00",
"locationContext": "my postalname",
"eventType": "013",
"message": "Delivered"
}`;

const ordinaryContainersCount = 60;
const ordinaryParcelsCount = 20;

/** The rest of the port's and the network's freight: traffic to measure by. */
export const ordinaryContainers: readonly Unit[] = Array.from(
  { length: ordinaryContainersCount },
  (_, at): Unit => ({
    reference: containerNumber('TGHU', 510_000 + at),
    freightFamily: 'Container',
    customsFlag: 'Import',
    owner: 'port',
    parties: ['terminal', 'shipper'],
    documents: [{ type: 'booking', reference: `BKG${510_000 + at}` }],
  }),
);

export const ordinaryParcels: readonly Unit[] = Array.from(
  { length: ordinaryParcelsCount },
  (_, at): Unit => ({ ...parcel(`3707247600200${String(at).padStart(5, '0')}`), documents: [] }),
);

/** ISO 6346: owner and serial number with the check digit behind them. */
export function containerNumber(owner: string, serial: number): string {
  const body = `${owner}${String(serial).padStart(6, '0')}`;
  const letterValue = (code: number) => {
    const at = code - 65;
    // Letters count from 10 and skip the multiples of 11.
    return 10 + at + (at > 0 ? 1 : 0) + (at > 10 ? 1 : 0) + (at > 20 ? 1 : 0);
  };
  const sum = [...body].reduce((total, character, at) => {
    const value = /\d/.test(character) ? Number(character) : letterValue(character.charCodeAt(0));
    return total + value * 2 ** at;
  }, 0);
  return `${body}${(sum % 11) % 10}`;
}
