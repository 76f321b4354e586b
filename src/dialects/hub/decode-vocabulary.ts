/** An operator's entry as sent → what the hub is asked to keep. Pure; throws `Problem`. */
import { invalid } from '../../events/problem.ts';
import { isEventType } from '../../events/types.ts';
import { fitsCharacters } from '../../lib/characters.ts';
import { present } from '../../lib/present.ts';
import { findBadText } from '../../lib/text.ts';
import type { Vocabulary } from '../dialect.ts';
import { entryOf, type NewOperatorEntry } from '../hub-port.ts';
import { type CodeParams, codeCharactersMax, type EntryBody } from './schemas/vocabulary.ts';

export interface SentEntry {
  readonly params: CodeParams;
  readonly body: EntryBody;
  /** Of the dialect named, as it is before. */
  readonly vocabulary: Vocabulary;
}

/**
 * Throws `invalid-input` for what cannot be a code, for a canonical word that is to mean another, and
 * for an unknown code without a type.
 */
export function decodeEntry({ params, body, vocabulary }: SentEntry): NewOperatorEntry {
  const { dialect, code } = params;
  if (code.trim() !== code || code === '' || !fitsCharacters(code, codeCharactersMax)) {
    const message = `has 1 to ${codeCharactersMax} characters and no space at either end`;
    throw invalid('code', message, 'maxLength');
  }
  if (findBadText(code) !== undefined) throw invalid('code', 'holds a control character', 'text');
  const { label, send } = present(body);
  const entry = { code, ...meaningOf(code, body, vocabulary), ...present({ label, send }) };
  if (dialect === 'hub') checkOwnWord(entry);
  return entry;
}

/** Who only gives a label means what the code has meant so far. */
function meaningOf(
  code: string,
  body: EntryBody,
  vocabulary: Vocabulary,
): Pick<NewOperatorEntry, 'type' | 'classifier'> {
  const { type, classifier } = present(body);
  if (type !== undefined) return { type, ...present({ classifier }) };
  const known = entryOf(vocabulary, code);
  if (known === undefined) {
    throw invalid('type', 'is required for a code that nobody has named yet', 'required');
  }
  return { type: known.type, ...present({ classifier: classifier ?? known.classifier }) };
}

/** What is recorded is told in the canonical words, so these mean themselves and are what is said. */
function checkOwnWord({ code, type, send }: NewOperatorEntry): void {
  if (isEventType(code) && code !== type) {
    throw invalid('type', `cannot be ${type}: the canonical word ${code} means itself`, 'not');
  }
  if (send === true) throw invalid('send', 'is not possible: the hub says its own words', 'not');
}
