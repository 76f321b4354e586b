/** Tells which event a push is about, and so whether it is one that the story expects. */
import { list, member, text } from '../json.ts';
import type { Happening, PushDialect, Wish } from './matching.ts';

/** What the push for this event has to say: the hub's names the event, SOGET's describes it. */
export function expectedKey(wish: Wish, happening: Happening, eventId: string): string {
  if (wish.dialect === 'hub') return eventId;
  const { unit, place, codes } = happening;
  return sogetKey({
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
export function arrivedKey(dialect: PushDialect, body: unknown): string {
  if (dialect === 'hub') return text(member(body, 'event'), 'id');
  const unit = member(body, 'HandlingUnit');
  const [event] = list(unit, 'Events');
  return sogetKey({
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
function sogetKey(given: { readonly date: string; readonly facts: readonly unknown[] }): string {
  return JSON.stringify([Date.parse(given.date), ...given.facts]);
}
