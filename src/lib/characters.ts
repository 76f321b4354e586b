/**
 * Whether a text has at most that many characters, counted as JSON Schema does: Unicode code points,
 * not UTF-16 units.
 */
export function fitsCharacters(text: string, charactersMax: number): boolean {
  // A code point takes one or two units, so most texts need no counting.
  if (text.length <= charactersMax) return true;
  return text.length <= charactersMax * 2 && [...text].length <= charactersMax;
}
