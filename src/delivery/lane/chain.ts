/**
 * A first-in-first-out list out of which anything can be taken at once. Its links lie in the things
 * themselves, each of which is in one list at most.
 */
export interface Linked<T> {
  before: T | undefined;
  after: T | undefined;
}

export interface Chain<T> {
  readonly size: () => number;
  readonly first: () => T | undefined;
  /** It must not be in the list. */
  readonly push: (value: T) => void;
  /** It must be in the list. */
  readonly remove: (value: T) => void;
}

export function createChain<T extends Linked<T>>(): Chain<T> {
  let head: T | undefined;
  let tail: T | undefined;
  let count = 0;
  return {
    size: () => count,
    first: () => head,
    push(value) {
      value.before = tail;
      if (tail === undefined) head = value;
      else tail.after = value;
      tail = value;
      count += 1;
    },
    remove(value) {
      const { before, after } = value;
      if (before === undefined) head = after;
      else before.after = after;
      if (after === undefined) tail = before;
      else after.before = before;
      value.before = undefined;
      value.after = undefined;
      count -= 1;
    },
  };
}
