// Check digits of the numbers that freight travels under. Only arithmetic: what a failure means is
// decided elsewhere, and there it is a warning, because partners' own samples fail.

/** `none`: the text does not have the shape that carries this check digit. */
export type CheckDigit = 'pass' | 'fail' | 'none';

// ISO 6346 letter values count up from 10 and skip the multiples of 11.
const letterValues = [
  10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 34, 35, 36,
  37, 38,
];
const s10Weights = [8, 6, 4, 2, 3, 5, 9, 7];
const imoWeights = [7, 6, 5, 4, 3, 2];

/** ISO 6346: 4 letters, 6 digits, check digit; spaces and hyphens and the case do not count. */
export function checkContainer(text: string): CheckDigit {
  const compact = text.replace(/[\s-]/g, '').toUpperCase();
  if (!/^[A-Z]{4}\d{7}$/.test(compact)) return 'none';
  let sum = 0;
  for (let at = 0; at < 10; at++) sum += containerValue(compact.charCodeAt(at)) * 2 ** at;
  return verdict((sum % 11) % 10, compact.charAt(10));
}

/** GS1 mod 10 over a bare key of 8 to 18 digits (GLN, GTIN, GSIN, SSCC), its last digit included. */
export function checkGs1(digits: string): CheckDigit {
  if (!/^\d{8,18}$/.test(digits)) return 'none';
  const last = digits.length - 1;
  let sum = 0;
  for (let at = 0; at < last; at++) sum += digit(digits, at) * ((last - at) % 2 === 1 ? 3 : 1);
  return verdict((10 - (sum % 10)) % 10, digits.charAt(last));
}

/** UPU S10: 2 letters, 8 digits, check digit, 2 letters of the country; upper case, no spaces. */
export function checkS10(text: string): CheckDigit {
  if (!/^[A-Z]{2}\d{9}[A-Z]{2}$/.test(text)) return 'none';
  const remainder = 11 - (weighted(text.slice(2), s10Weights) % 11);
  const expected = remainder === 10 ? 0 : remainder === 11 ? 5 : remainder;
  return verdict(expected, text.charAt(10));
}

/** IMO ship number: 7 digits, without the letters IMO. */
export function checkImo(text: string): CheckDigit {
  if (!/^\d{7}$/.test(text)) return 'none';
  return verdict(weighted(text, imoWeights) % 10, text.charAt(6));
}

function containerValue(code: number): number {
  const letter = code - 65;
  return letter < 0 ? code - 48 : (letterValues[letter] ?? 0);
}

function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, at) => sum + weight * digit(digits, at), 0);
}

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - 48;
}

function verdict(expected: number, printed: string): CheckDigit {
  return String(expected) === printed ? 'pass' : 'fail';
}
