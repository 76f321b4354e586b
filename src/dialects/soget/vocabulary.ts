/**
 * SOGET's event codes and our words. SOGET prints two codes, DIR and GIR, and says of neither what
 * it means; its list of event types is not public. So nothing is paired, in either direction.
 */
import type { RecordedEvent } from '../../events/event.ts';
import type { Vocabulary } from '../dialect.ts';
import { codeFor } from '../hub-port.ts';

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
 * the vocabulary pairs, which operators may add to, else the canonical word (ours).
 */
export function eventCode(event: RecordedEvent, words: Vocabulary): string {
  return toldCode(event) ?? codeFor(words, event) ?? event.type;
}

/** The code that the event's source told. */
export function toldCode(event: RecordedEvent): string | undefined {
  const told = event.codes?.['soget'];
  if (told !== undefined) return told;
  return event.source.dialect === 'soget' ? event.source.code : undefined;
}
