/** Leaves out what is not there, so that an optional member is either given or missing. */

type Empty = undefined | null;

/** `T` whose members that may be undefined or null are optional instead. */
export type Present<T> = {
  [K in keyof T as Extract<T[K], Empty> extends never ? K : never]: T[K];
} & {
  [K in keyof T as Extract<T[K], Empty> extends never ? never : K]?: Exclude<T[K], Empty>;
};

/** A copy without the members that are undefined or null. Not deep; order kept. */
export function present<T extends object>(given: T): Present<T>;
export function present(given: object): object {
  const kept: Record<string, unknown> = {};
  // No entries are made: this runs several times for every event.
  for (const key of Object.keys(given)) {
    const value = (given as Record<string, unknown>)[key];
    if (value !== undefined && value !== null) kept[key] = value;
  }
  return kept;
}

/** Like `present`, but undefined when nothing is left. */
export function presentAny<T extends object>(given: T): Present<T> | undefined {
  const kept = present(given);
  for (const _ in kept) return kept;
  return undefined;
}
