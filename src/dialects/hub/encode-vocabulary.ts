/** Vocabularies and renderings → the hub's own JSON. Pure. */
import type { RecordedEvent } from '../../events/event.ts';
import { formatUtc } from '../../events/time.ts';
import { present } from '../../lib/present.ts';
import type { OperatorEntry, RenderedEvent, VocabularyListing } from '../hub-port.ts';
import { sayings } from '../hub-port.ts';
import { encodeEvent } from './encode.ts';

type Label = VocabularyListing['vocabulary']['codes'][string]['label'];

export function encodeEntry(entry: OperatorEntry, label: Label) {
  const { code, type, classifier, send, updatedAtMs } = entry;
  return {
    ...{ code, type, ...present({ classifier }), label },
    ...{ origin: 'operator', send, updatedAt: formatUtc(updatedAtMs, 3) },
  };
}

export function encodeVocabulary(dialect: string, listing: VocabularyListing) {
  const { vocabulary, operator, unknown } = listing;
  const own = new Map(operator.map((entry) => [entry.code, entry]));
  const entries = Object.entries(vocabulary.codes).map(([code, { type, classifier, label }]) => {
    const entry = own.get(code);
    if (entry !== undefined) return encodeEntry(entry, label);
    return { code, type, ...present({ classifier }), label, origin: 'built-in' };
  });
  return {
    dialect,
    entries: entries.sort((left, right) => (left.code < right.code ? -1 : 1)),
    types: sayings(vocabulary),
    unknown: unknown.map(({ code, count, lastRecordedAtMs }) => ({
      ...{ code, count, lastRecordedAt: formatUtc(lastRecordedAtMs, 3) },
    })),
  };
}

export function encodeRenderings(event: RecordedEvent, renderings: readonly RenderedEvent[]) {
  return { event: encodeEvent(event), renderings };
}
