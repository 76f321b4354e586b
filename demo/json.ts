/** Reads members of answers whose shape is known from the documents, and says what is missing. */

/** The member, or undefined where the value is no object or has no such member. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

/** A member that has to be text. Throws. */
export function text(value: unknown, name: string): string {
  const found = member(value, name);
  if (typeof found === 'string') return found;
  throw new Error(`no text "${name}" in ${JSON.stringify(value)}`);
}

/** A member that has to be a list. Throws. */
export function list(value: unknown, name: string): readonly unknown[] {
  const found: unknown = member(value, name);
  if (Array.isArray(found)) return found;
  throw new Error(`no list "${name}" in ${JSON.stringify(value)}`);
}

export function parse(json: string): unknown {
  return JSON.parse(json);
}
