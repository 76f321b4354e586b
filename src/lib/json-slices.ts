/**
 * Cuts the text of a JSON array into the texts of its elements, so that each can be kept exactly as
 * it was received: number spellings, member order and escapes included.
 */

/**
 * The elements' texts, trimmed. `text` must be a valid JSON text whose root is an array, e.g. one that
 * JSON.parse has accepted; a byte-order mark before it is skipped. Linear, no recursion.
 */
export function sliceJsonArray(text: string): string[] {
  const slices: string[] = [];
  const open = text.indexOf('[');
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) at = stringEnd(text, at);
    else if (unit === 0x5b || unit === 0x7b) depth++;
    else if (unit === 0x5d || unit === 0x7d) depth--;
    const isComma = unit === 0x2c && depth === 1;
    if (!isComma && depth > 0) continue;
    const slice = text.slice(start, at).trim();
    // Only an empty array has an empty element.
    if (slice !== '') slices.push(slice);
    if (!isComma) return slices;
    start = at + 1;
  }
  return slices;
}

/** Index of the quote that closes the string opened at `start`. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x5c) at++;
    else if (unit === 0x22) return at;
  }
  return text.length;
}
