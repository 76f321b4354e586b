// Last actions of this process, for what it leaves running when it ends without a proper stop.
//
// Best effort: nothing can wait in an exit handler, so a server finishes on its own, and the next
// start waits for it. After `kill -9` no handler runs at all; leftover.ts deals with that.

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const actions = new Set<() => void>();

/** @returns a function that forgets the action again */
export function atExit(action: () => void): () => void {
  if (actions.size === 0) install();
  actions.add(action);
  return () => {
    if (actions.delete(action) && actions.size === 0) uninstall();
  };
}

// One handler for all servers: a handler each would trip Node's listener warning in tests.
function install(): void {
  process.on('exit', runAll);
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

function uninstall(): void {
  process.off('exit', runAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

function runAll(): void {
  for (const action of actions) action();
}

/** A process without handlers of its own dies of the signal, as it would have without ours. */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  runAll();
  uninstall();
  process.kill(process.pid, signal);
}
