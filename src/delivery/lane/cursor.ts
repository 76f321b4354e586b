/**
 * How far a lane has seen its endpoint's positions, which are gapless and become visible in order.
 * Live: everything known of is seen. Behind: there is more, which only the table can tell.
 */
export class Cursor {
  private seen = 0;
  /** The highest position known of. */
  private latest = 0;
  private behind = false;
  private restarts = 0;

  get isBehind(): boolean {
    return this.behind;
  }

  /** Everything up to here has been seen. */
  get position(): number {
    return this.seen;
  }

  /** Changes with every restart: what was asked for before one is of no use after it. */
  get generation(): number {
    return this.restarts;
  }

  /** Notes a position; true if nothing before it is missing. */
  isNext(position: number): boolean {
    this.latest = Math.max(this.latest, position);
    return !this.behind && position === this.seen + 1;
  }

  hasSeen(position: number): boolean {
    return position <= this.seen;
  }

  /** Seen, and taken in or not to be. */
  advance(position: number): void {
    this.seen = position;
  }

  /** Someone knows of this position; if it is new there is something to read. */
  note(position: number): void {
    this.latest = Math.max(this.latest, position);
    if (position > this.seen) this.behind = true;
  }

  /** A page ended here because there was no more, when the endpoint had come to `lastPosition`. */
  complete(lastPosition: number): void {
    this.seen = Math.max(this.seen, lastPosition);
    this.behind = this.latest > this.seen;
  }

  restart(): void {
    this.restarts += 1;
    this.seen = 0;
    this.behind = true;
  }
}
