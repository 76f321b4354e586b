/**
 * What the logs say of an event type id beside the id: its group, its translation key and a text in
 * every language. Which ids there are, and what they mean to us, is in vocabulary.ts.
 *
 * Published are the group numbers and what they cover, the keys, and for some ids a category of a
 * carrier of the network, from which their groups follow. The other groups, all names but
 * `communication`, and all texts are ours.
 */
import { type Localised, localised } from './locales.ts';

export interface EventGroup {
  readonly id: number;
  readonly name: string;
}

const group = (id: number, name: string): EventGroup => ({ id, name });

export const GROUPS = {
  import: group(1, 'import'),
  transportation: group(2, 'transportation'),
  communication: group(3, 'communication'),
  status: group(4, 'status'),
  scanning: group(5, 'scanning'),
  otherCarriers: group(6, 'other carriers'),
  externalSystems: group(7, 'external systems'),
  internal: group(8, 'internal'),
} as const;

export interface EventIdFacts {
  readonly group: EventGroup;
  /** Absent where no key is published. */
  readonly i18nKey?: string;
  /** Absent where the meaning is not published. */
  readonly description?: Localised;
}

const publicKey = (key: string) => `event.type.pub.${key}`;
const { transportation, communication, status } = GROUPS;

const eventIds: Readonly<Record<string, EventIdFacts>> = {
  '001': {
    group: GROUPS.import,
    i18nKey: publicKey('import.edi.information.received'),
    description: localised(
      'Pakken er meldt inn og transport er bestilt',
      'Parcel announced, transport booked',
      'Paketet är aviserat och transport är bokad',
    ),
  },
  '002': {
    group: transportation,
    i18nKey: publicKey('shipment.received'),
    description: localised('Pakken er mottatt', 'Parcel received', 'Paketet är mottaget'),
  },
  '003': {
    group: transportation,
    i18nKey: publicKey('shipment.forwarded'),
    description: localised(
      'Pakken lastes for transport',
      'Parcel is being loaded for transport',
      'Paketet lastas för transport',
    ),
  },
  '004': {
    group: transportation,
    i18nKey: publicKey('shipment.under.transport'),
    description: localised(
      'Pakken er under transport',
      'Parcel is in transit',
      'Paketet är under transport',
    ),
  },
  '005': {
    group: transportation,
    i18nKey: publicKey('shipment.forwarded.to.servicepoint'),
    description: localised(
      'Pakken er på vei til hentestedet',
      'Parcel is on its way to the service point',
      'Paketet är på väg till utlämningsstället',
    ),
  },
  '006': {
    group: transportation,
    i18nKey: publicKey('shipment.arrived.at.servicepoint'),
    description: localised(
      'Pakken er klar til henting på hentestedet',
      'Parcel is ready for collection at the service point',
      'Paketet kan hämtas på utlämningsstället',
    ),
  },
  '007': {
    group: communication,
    i18nKey: publicKey('requested.consignee.addresscollect'),
    description: localised(
      'Adresseskjema er sendt til mottakeren',
      'Address form sent to the recipient',
      'Adressformulär har skickats till mottagaren',
    ),
  },
  '008': {
    group: communication,
    i18nKey: publicKey('consignee.notification.response'),
    description: localised(
      'Mottakeren har svart på adresseskjemaet',
      'The recipient returned the address form',
      'Mottagaren har svarat på adressformuläret',
    ),
  },
  '009': {
    group: communication,
    i18nKey: publicKey('consignee.order.confirmation'),
    description: localised(
      'Ordrebekreftelse er sendt til mottakeren',
      'Order confirmation sent to the recipient',
      'Orderbekräftelse har skickats till mottagaren',
    ),
  },
  '010': {
    group: communication,
    i18nKey: publicKey('consignee.package.on.its.way'),
    description: localised(
      'Melding om at pakken er på vei er sendt',
      'Message sent: the parcel is on its way',
      'Meddelande om att paketet är på väg har skickats',
    ),
  },
  '011': {
    group: communication,
    i18nKey: publicKey('consignee.delivery.notification'),
    description: localised(
      'Melding om levering er sendt',
      'Message sent: the parcel is delivered',
      'Meddelande om leverans har skickats',
    ),
  },
  '012': {
    group: communication,
    i18nKey: publicKey('consignee.transport.change.notification'),
    description: localised(
      'Melding om at en annen transportør leverer er sendt',
      'Message sent: another carrier delivers the parcel',
      'Meddelande om att en annan transportör levererar har skickats',
    ),
  },
  '013': {
    group: status,
    i18nKey: publicKey('shipment.delivered'),
    description: localised('Pakken er levert', 'Parcel delivered', 'Paketet är levererat'),
  },
  '015': {
    group: status,
    description: localised(
      'Pakken kan ikke leveres og går i retur',
      'Parcel cannot be delivered and is returned',
      'Paketet kan inte levereras och går i retur',
    ),
  },
  '028': { group: status },
  '030': {
    group: status,
    description: localised('Pakken er kommet bort', 'Parcel lost', 'Paketet har kommit bort'),
  },
  '057': {
    group: status,
    description: localised(
      'Pakken er ikke levert',
      'Parcel not delivered',
      'Paketet är inte levererat',
    ),
  },
  '062': {
    group: transportation,
    i18nKey: publicKey('loaded'),
    description: localised(
      'Pakken er lastet for transport',
      'Parcel loaded for transport',
      'Paketet är lastat för transport',
    ),
  },
  '063': {
    group: transportation,
    i18nKey: publicKey('unloaded'),
    description: localised(
      'Pakken er losset fra kjøretøyet',
      'Parcel unloaded from the vehicle',
      'Paketet är lossat från fordonet',
    ),
  },
  '104': {
    group: transportation,
    i18nKey: publicKey('delivered.at.service.point'),
    description: localised(
      'Pakken er overlevert til hentestedet',
      'Parcel handed to the service point',
      'Paketet är överlämnat till utlämningsstället',
    ),
  },
  '148': {
    group: transportation,
    // Seen with the web shops' prefix only.
    i18nKey: 'event.type.shopadmin.transport.booking.failed',
    description: localised(
      'Bestilling hos ekstern transportør mislyktes',
      'Booking with the external carrier failed',
      'Bokning hos extern transportör misslyckades',
    ),
  },
  '152': {
    group: communication,
    // Published with this prefix, unlike the rest.
    i18nKey: 'event.type.public.communication.sent',
    description: localised('Melding er sendt', 'Message sent', 'Meddelande har skickats'),
  },
  '153': {
    group: communication,
    description: localised(
      'Melding kunne ikke sendes',
      'Message could not be sent',
      'Meddelande kunde inte skickas',
    ),
  },
  '155': {
    group: communication,
    description: localised(
      'Hentefristen er forlenget',
      'Collection deadline extended',
      'Tiden för upphämtning är förlängd',
    ),
  },
};

/** An id that is not known counts as a status, so that readers who filter by group still see it. */
export function eventIdFacts(id: string): EventIdFacts {
  return (Object.hasOwn(eventIds, id) ? eventIds[id] : undefined) ?? { group: status };
}
