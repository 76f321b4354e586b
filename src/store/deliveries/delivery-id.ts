/**
 * A delivery's id is derived: the event's time, 52 bits of a hash of event and subscription, the
 * event's bucket. So it is a uuid v7 that sorts by time and names its bucket like every other id,
 * and an event and a subscription have one delivery, whoever makes it.
 */

/** As SQL; `event` and `subscription` are expressions of type uuid. */
export function deliveryId(event: string, subscription: string): string {
  const hash = `md5(${event}::text || ${subscription}::text)`;
  return `(substr(${event}::text, 1, 19) || 'a'
      || overlay(substr(${hash}, 1, 13) placing '-' from 4 for 0)
      || substr(${event}::text, 35, 2))::uuid`;
}
