/** Which events a caller is shown, and how one event reads in tracing and in a push. Pure. */
import { directionOf, type EventFacts, type RecordedEvent } from '../../events/event.ts';
import { formatWithOffset, type OriginalTime } from '../../events/time.ts';
import type { CustomsFlag, Way } from '../../events/types.ts';
import { withdrawnIds } from '../../events/versions.ts';
import { present } from '../../lib/present.ts';
import type { Vocabulary } from '../dialect.ts';
import type { EventInformation } from './handling-unit-schema.ts';
import type { CustomsIndicator } from './schemas.ts';
import { eventCode } from './vocabulary.ts';

/** Events that occurred and still hold, oldest first: of each actual one the last version. */
export function heldEvents(events: readonly RecordedEvent[]): RecordedEvent[] {
  const withdrawn = withdrawnIds(events);
  return events
    .filter((event) => event.classifier === 'actual' && event.retracts === undefined)
    .filter((event) => !withdrawn.has(event.id))
    .sort(byTime);
}

// Ids are ordered by the time they were made, so the later record of one moment comes last.
function byTime(left: RecordedEvent, right: RecordedEvent): number {
  const apart = left.occurredAt.epochMs - right.occurredAt.epochMs;
  return apart === 0 ? (left.id < right.id ? -1 : 1) : apart;
}

export function encodeEvent(event: RecordedEvent, words: Vocabulary): EventInformation {
  return {
    eventType: eventCode(event, words),
    eventDate: dateText(event.occurredAt),
    eventPlace: event.place?.unlocode ?? null,
    eventLocation: event.place?.location ?? null,
    eventWay: event.way === undefined ? 'Undefined' : EVENT_WAYS[event.way],
    ...present({ eventTransportMode: event.mode }),
  };
}

const EVENT_WAYS = { in: 'In', out: 'Out' } as const satisfies Record<Way, string>;

/** In the offset that the event was told with, with its fraction where it had one. */
export function dateText({ epochMs, offsetMinutes, fractionDigits }: OriginalTime): string {
  return formatWithOffset({ epochMs, offsetMinutes, fractionDigits });
}

/** The word of the published CustomsIndicators; a domestic event without a way stays `Unknown`. */
export function customsIndicator(event: EventFacts, flag: CustomsFlag): CustomsIndicator {
  switch (directionOf(event, flag)) {
    case 'import':
      return 'Import';
    case 'export':
      return 'Export';
    case 'transit':
      return 'Transit';
    case 'transhipment':
      return 'Transhipment';
    case 'domestic':
      return event.way === undefined ? 'Unknown' : DOMESTIC[event.way];
    case undefined:
      return 'Unknown';
  }
}

const DOMESTIC = { in: 'DomesticIn', out: 'DomesticOut' } as const satisfies Record<Way, string>;
