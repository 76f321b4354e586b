/** Tells which event a push is about, and so whether it is one that the story expects. */
import { list, member, text } from '../json.ts';
import type { Push } from '../receiver.ts';
import type { Happening, PushDialect, Wish } from './matching.ts';
import { terminalNameOf } from './terminal-names.ts';

/** What the push for this event has to say: the hub's names the event, others describe it. */
export function expectedKey(wish: Wish, happening: Happening, eventId: string): string {
  if (wish.dialect === 'hub') return eventId;
  if (wish.dialect === 'terminal') return terminalKeyOf(happening);
  const { unit, place, codes } = happening;
  return keyOf({
    date: happening.occurredAt,
    facts: [
      unit.reference,
      unit.spi ?? null,
      unit.freightFamily,
      unit.customsFlag ?? null,
      place?.location ?? place?.unlocode ?? null,
      codes?.['soget'] ?? happening.type,
      wish.externalReference ?? null,
      'Creation',
      'Active',
    ],
  });
}

/** The same of a push that has arrived. Throws when the body is not as its dialect documents. */
export function arrivedKey(
  dialect: PushDialect,
  { body, eventName }: Pick<Push, 'body' | 'eventName'>,
): string {
  if (dialect === 'hub') return text(member(body, 'event'), 'id');
  if (dialect === 'terminal') return arrivedTerminalKey(body, eventName);
  const unit = member(body, 'HandlingUnit');
  const [event] = list(unit, 'Events');
  return keyOf({
    date: text(event, 'AlertDate'),
    facts: [
      text(unit, 'Reference'),
      member(unit, 'Spi') ?? null,
      text(unit, 'FreightFamily'),
      member(event, 'Direction') ?? null,
      member(event, 'Location') ?? null,
      text(event, 'Type'),
      member(unit, 'ExternalReference') ?? null,
      text(event, 'AlertType'),
      text(event, 'State'),
    ],
  });
}

/** Instants are compared, not texts: any offset may be used to write one. */
function keyOf(given: { readonly date: string; readonly facts: readonly unknown[] }): string {
  return JSON.stringify([Date.parse(given.date), ...given.facts]);
}

/* ---- terminal --------------------------------------------------------------------------------- */

const phases = { Import: 'Import', Transhipment: 'Transshipment' } as const;

function terminalKeyOf(happening: Happening): string {
  const { unit, place, vehicle, full } = happening;
  const documentOf = (type: string) =>
    unit.documents.find((document) => document.type === type)?.reference ?? null;
  return keyOf({
    date: happening.occurredAt,
    facts: [
      terminalNameOf(happening),
      unit.reference,
      documentOf('booking'),
      documentOf('billOfLading'),
      unit.customsFlag === undefined ? null : phases[unit.customsFlag],
      place?.unlocode ?? null,
      place?.location ?? null,
      vehicle?.id ?? null,
      vehicle?.name ?? null,
      full === undefined ? null : full ? 'Full' : 'Empty',
    ],
  });
}

/** The name stands in the address, not in the body. */
function arrivedTerminalKey(body: unknown, eventName: string | undefined): string {
  const members = [
    'equipmentNumber',
    'carrierBookingNumber',
    'billOfLadingNumber',
    'transportationPhase',
  ];
  return keyOf({
    date: text(body, 'eventOccurrenceTime8601'),
    facts: [
      eventName,
      ...members.map((name) => member(body, name)),
      member(member(body, 'location'), 'unlocode') ?? null,
      ...['terminal', 'vehicleId', 'vehicleName', 'fullStatus'].map((name) => member(body, name)),
    ],
  });
}
