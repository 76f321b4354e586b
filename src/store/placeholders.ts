/** Collects the values of a statement whose conditions depend on the question. */

export interface Placeholders {
  readonly values: readonly unknown[];
  /** Adds a value; its placeholder, e.g. `$3`. */
  readonly add: (value: unknown) => string;
}

export function createPlaceholders(): Placeholders {
  const values: unknown[] = [];
  return {
    values,
    add(value) {
      values.push(value);
      return `$${values.length}`;
    },
  };
}

/** Epoch milliseconds as a timestamptz parameter: text, so that no session time zone can matter. */
export function timestamp(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
