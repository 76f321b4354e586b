/**
 * Names for statements whose conditions depend on the question, so that PostgreSQL plans each variant
 * once per connection and not at every use: planning costs as much as running such a statement.
 */
import { sha256Hex } from '../lib/hash.ts';

/**
 * Of a family. Each connection keeps the plans: 100 KB where events are read, with five years of months
 * 800 KB. Variants beyond these are rare; they stay without a name and are planned at every use.
 */
const variantsMax = 16;
const hashChars = 12;

/** The name of a variant, the same for the same text; undefined once its family has enough. */
export type VariantNames = (family: string, text: string) => string | undefined;

export function createVariantNames(): VariantNames {
  const families = new Map<string, Map<string, string>>();
  return (family, text) => {
    const names = families.get(family) ?? new Map<string, string>();
    const known = names.get(text);
    if (known !== undefined || names.size >= variantsMax) return known;
    const name = `${family}-${sha256Hex(text).slice(0, hashChars)}`;
    families.set(family, names.set(text, name));
    return name;
  };
}
