/**
 * Requests that one signal stops. One listener for each signal and not for each request: a lane has
 * one signal for all that it sends, and listening costs more than a place in a set.
 */
export interface Stoppable {
  readonly stop: () => void;
}

export class Stops {
  private readonly running = new WeakMap<AbortSignal, Set<Stoppable>>();

  add(signal: AbortSignal, stoppable: Stoppable): void {
    let set = this.running.get(signal);
    if (set === undefined) {
      set = new Set();
      this.running.set(signal, set);
      signal.addEventListener('abort', () => this.stopAll(signal), { once: true });
    }
    set.add(stoppable);
  }

  remove(signal: AbortSignal, stoppable: Stoppable): void {
    this.running.get(signal)?.delete(stoppable);
  }

  private stopAll(signal: AbortSignal): void {
    for (const stoppable of [...(this.running.get(signal) ?? [])]) stoppable.stop();
  }
}
