/** Rules for the texts that provisioning takes; each function throws `invalid-input`. */
import { type Issue, invalid, Problem } from '../events/problem.ts';
import { cleanForDatabase, findBadText, truncateUtf8 } from '../lib/text.ts';

export const NAME_CHARS_MAX = 200;
export const USERNAME_CHARS_MAX = 200;
/** NIST SP 800-63B asks for 8 at least; the upper bound only limits the work. */
export const PASSWORD_CHARS_MIN = 8;
export const PASSWORD_CHARS_MAX = 256;

const ISSUES_MAX = 100;
/** Tabs and line ends, which are fine in a message, have no place in a name; nor has C1. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

export function checkName(path: string, name: string): void {
  if (name.trim() === '') throw invalid(path, 'must not be empty', 'minLength');
  if (name.length > NAME_CHARS_MAX) {
    throw invalid(path, `must have at most ${NAME_CHARS_MAX} characters`, 'maxLength');
  }
  if (CONTROL.test(name) || findBadText(name) !== undefined) {
    throw invalid(path, 'must not hold control characters or broken text', 'text');
  }
}

export function checkUsername(path: string, username: string): void {
  checkName(path, username);
  if (username !== username.trim()) {
    throw invalid(path, 'must not begin or end with a space', 'text');
  }
}

export function checkPassword(path: string, password: string): void {
  if (password.length < PASSWORD_CHARS_MIN) {
    throw invalid(path, `must have at least ${PASSWORD_CHARS_MIN} characters`, 'minLength');
  }
  if (password.length > PASSWORD_CHARS_MAX) {
    throw invalid(path, `must have at most ${PASSWORD_CHARS_MAX} characters`, 'maxLength');
  }
  if (findBadText(password) !== undefined) {
    throw invalid(path, 'must not hold control characters or broken text', 'text');
  }
}

/** The words without repeats, in the order given; each must be among those known. */
export function checkWords(
  path: string,
  words: readonly string[],
  known: ReadonlySet<string>,
): string[] {
  const issues: Issue[] = words.flatMap((word, at) => {
    if (known.has(word)) return [];
    const value = cleanForDatabase(truncateUtf8(word, 100));
    return [{ path: `${path}.${at}`, message: 'is not known', rule: 'enum', value }];
  });
  if (issues.length > 0) {
    const message = `${path}: holds something that is not known`;
    throw new Problem('invalid-input', message, { issues: issues.slice(0, ISSUES_MAX) });
  }
  return [...new Set(words)];
}

/** PostgreSQL's integer ends at 2^31 - 1; nobody needs more requests in a minute. */
export function checkRate(path: string, perMinute: number): void {
  if (!Number.isInteger(perMinute) || perMinute < 1 || perMinute > 1_000_000_000) {
    throw invalid(path, 'must be a whole number from 1 to 1000000000', 'range');
  }
}
