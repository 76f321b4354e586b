/**
 * What counts as alive. The list of states is that of the partial indexes on subscriptions and must
 * be written like theirs. One whose time is over is expired from that moment on, whether or not
 * housekeeping has been there.
 */
export const aliveStates = `('active', 'paused', 'disabled', 'filling')`;

/** The state that is told; `now` is a placeholder. */
export function stateAt(subscription: string, now: string): string {
  const s = subscription;
  return `case when ${s}.state in ${aliveStates} and ${s}.expires_at <= ${now}::timestamptz
    then 'expired' else ${s}.state end`;
}
