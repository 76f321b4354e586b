/** Instants in the query of a request. */
import { Problem } from './problem.ts';
import { parseInstant } from './time.ts';

const shownCharactersMax = 100;

/**
 * The instant as epoch milliseconds; undefined where there is none. A `+` that was not escaped
 * arrives as a space, and an instant holds no other. Throws `invalid-input` naming `path`.
 */
export function queryInstantMs(path: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseInstant(text.replace(' ', '+'));
  if (parsed.ok) return parsed.value.epochMs;
  const { code: rule, message } = parsed;
  const value = text.slice(0, shownCharactersMax);
  throw new Problem('invalid-input', `${path}: ${message}`, {
    issues: [{ path, message, rule, value }],
  });
}
