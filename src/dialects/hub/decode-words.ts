/** Members that several requests of the hub's own API have: the owner, words of a closed list. */
import { invalid, Problem } from '../../events/problem.ts';

/** The operator must name the owner; everyone else may name only their own organization. */
export function ownerOf(named: string | null | undefined, own: string | undefined): string {
  const owner = named?.toLowerCase() ?? own;
  if (owner === undefined) {
    throw invalid('organization', 'is required with the admin key', 'required');
  }
  if (own !== undefined && owner !== own) {
    throw new Problem('forbidden', 'organization: is not your organization');
  }
  return owner;
}

/** The word of the list that is meant, whatever its case, hyphens and spaces. */
export function wordOf<const T extends string>(
  path: string,
  text: string | null | undefined,
  words: readonly T[],
): T | undefined {
  if (text === null || text === undefined) return undefined;
  const key = wordKey(text);
  const word = words.find((candidate) => wordKey(candidate) === key);
  if (word === undefined) throw invalid(path, `is not one of ${words.join(', ')}`, 'enum');
  return word;
}

function wordKey(text: string): string {
  return text.toLowerCase().replace(/[\s_-]/g, '');
}
