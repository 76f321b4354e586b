/**
 * When requests have had their time. Nearly all are allowed the same time, so they end in the order
 * in which they began: a list for each length with one timer, instead of a timer for each request.
 */
export interface Deadline {
  /** Neighbours in the list, the list's own. */
  earlier: Deadline | undefined;
  later: Deadline | undefined;
  /** On the steady clock, 0 outside of a list; the list's own. */
  endMs: number;
  /** Called once, unless it was removed before. */
  readonly expire: () => void;
}

interface List {
  first: Deadline | undefined;
  last: Deadline | undefined;
  timer: NodeJS.Timeout | undefined;
}

export class Deadlines {
  private readonly lists = new Map<number, List>();

  add(deadline: Deadline, timeoutMs: number): void {
    const list = this.listOf(timeoutMs);
    deadline.endMs = performance.now() + timeoutMs;
    deadline.earlier = list.last;
    if (list.last === undefined) list.first = deadline;
    else list.last.later = deadline;
    list.last = deadline;
    if (list.timer === undefined) this.wind(timeoutMs, list, timeoutMs);
  }

  /** With the time that it was added with; nothing where it has expired. */
  remove(deadline: Deadline, timeoutMs: number): void {
    const list = this.lists.get(timeoutMs);
    if (list !== undefined && deadline.endMs > 0) unlink(list, deadline);
  }

  private listOf(timeoutMs: number): List {
    let list = this.lists.get(timeoutMs);
    if (list === undefined) {
      list = { first: undefined, last: undefined, timer: undefined };
      this.lists.set(timeoutMs, list);
    }
    return list;
  }

  /**
   * Where the whole process stood still, answers have come meanwhile; they are read before the time of
   * their requests is found to be over.
   */
  private wind(timeoutMs: number, list: List, delayMs: number): void {
    list.timer = setTimeout(() => setImmediate(() => this.ring(timeoutMs, list)), delayMs);
  }

  /** The timer is of one that was first once: it may ring too early, never too late. */
  private ring(timeoutMs: number, list: List): void {
    list.timer = undefined;
    const nowMs = performance.now();
    for (let next = list.first; next !== undefined && next.endMs <= nowMs; next = list.first) {
      unlink(list, next);
      next.expire();
    }
    // What expired may have begun another, and that wound the timer.
    if (list.timer !== undefined) return;
    if (list.first === undefined) this.lists.delete(timeoutMs);
    else this.wind(timeoutMs, list, list.first.endMs - nowMs);
  }
}

function unlink(list: List, deadline: Deadline): void {
  const { earlier, later } = deadline;
  if (earlier === undefined) list.first = later;
  else earlier.later = later;
  if (later === undefined) list.last = earlier;
  else later.earlier = earlier;
  deadline.earlier = undefined;
  deadline.later = undefined;
  deadline.endMs = 0;
}
