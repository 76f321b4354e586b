/** The hub speaks its own words: every canonical type is its own code. */
import { EVENT_TYPES, type EventType } from '../../events/types.ts';
import type { Vocabulary, VocabularyEntry } from '../dialect.ts';

const codes: Record<string, VocabularyEntry> = {};
for (const type of EVENT_TYPES) codes[type] = { type, label: labelOf(type) };

// Built from the closed list itself, which fromEntries cannot tell.
const types = Object.fromEntries(EVENT_TYPES.map((type) => [type, { code: type }])) as Record<
  EventType,
  { code: string }
>;

export const vocabulary: Vocabulary = { codes, types };

function labelOf(type: EventType): string {
  const words = type.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
