/** An operator's entry as sent → what the hub is asked to keep. Pure; throws `Problem`. */
import { invalid } from '../../events/problem.ts';
import { isEventType } from '../../events/types.ts';
import { fitsCharacters } from '../../lib/characters.ts';
import { present } from '../../lib/present.ts';
import { findBadText } from '../../lib/text.ts';
import type { NewOperatorEntry } from '../hub-port.ts';
import { type CodeParams, codeCharactersMax, type EntryBody } from './schemas/vocabulary.ts';

/** Throws `invalid-input` for what cannot be a code, and for a canonical word that is to mean another. */
export function decodeEntry({ dialect, code }: CodeParams, body: EntryBody): NewOperatorEntry {
  if (code.trim() !== code || code === '' || !fitsCharacters(code, codeCharactersMax)) {
    const message = `has 1 to ${codeCharactersMax} characters and no space at either end`;
    throw invalid('code', message, 'maxLength');
  }
  if (findBadText(code) !== undefined) throw invalid('code', 'holds a control character', 'text');
  if (dialect === 'hub') checkOwnWord(code, body);
  return { code, type: body.type, ...present({ ...body, type: undefined }) };
}

/** What is recorded is told in the canonical words, so these mean themselves and are what is said. */
function checkOwnWord(code: string, { type, send }: EntryBody): void {
  if (isEventType(code) && code !== type) {
    throw invalid('type', `cannot be ${type}: the canonical word ${code} means itself`, 'not');
  }
  if (send === true) throw invalid('send', 'is not possible: the hub says its own words', 'not');
}
