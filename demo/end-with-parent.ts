/**
 * Loaded into the hub's process before the hub: when the demo is gone, even by `kill -9`, the
 * channel between the two closes, and the hub stops as if it had been asked to.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
