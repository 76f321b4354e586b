/**
 * SOGET's event codes and our words. SOGET prints two codes, DIR and GIR, and says of neither what
 * it means; its list of event types is not public. So nothing is paired, in either direction.
 */
import type { RecordedEvent } from '../../events/event.ts';
import type { Vocabulary } from '../dialect.ts';

const unpublished = { none: 'SOGET publishes no list of its event types and their meaning' };

export const vocabulary: Vocabulary = {
  codes: {
    DIR: { type: 'other', label: 'DIR (its meaning is not published)' },
    GIR: { type: 'other', label: 'GIR (its meaning is not published)' },
  },
  types: {
    announced: unpublished,
    received: unpublished,
    loading: unpublished,
    loaded: unpublished,
    unloaded: unpublished,
    discharged: unpublished,
    'gated-in': unpublished,
    'gated-out': unpublished,
    arrived: unpublished,
    departed: unpublished,
    'in-transit': unpublished,
    stuffed: unpublished,
    stripped: unpublished,
    shifted: unpublished,
    sealed: unpublished,
    resealed: unpublished,
    'seal-removed': unpublished,
    inspected: unpublished,
    held: unpublished,
    released: unpublished,
    'customs-held': unpublished,
    'customs-released': unpublished,
    'picked-up': unpublished,
    'dropped-off': unpublished,
    'forwarded-to-service-point': unpublished,
    'arrived-at-service-point': unpublished,
    'handed-to-service-point': unpublished,
    'collection-deadline-extended': unpublished,
    delivered: unpublished,
    'not-delivered': unpublished,
    returned: unpublished,
    lost: unpublished,
    'communication-sent': unpublished,
    'communication-received': unpublished,
    'communication-failed': unpublished,
    'booking-failed': unpublished,
    other: unpublished,
  },
};

/**
 * What stands as the event's type: SOGET's own code when the source told one, else the code that
 * the vocabulary pairs, else the canonical word (ours).
 */
export function eventCode(event: RecordedEvent): string {
  const told = event.codes?.['soget'];
  if (told !== undefined) return told;
  if (event.source.dialect === 'soget' && event.source.code !== undefined) return event.source.code;
  const paired = vocabulary.types[event.type];
  return 'code' in paired ? paired.code : event.type;
}
