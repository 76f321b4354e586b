/** Which events of a unit hold, as a condition: actual ones that no later record has withdrawn. */

/**
 * On the alias `event` of an event of the unit with the alias `unit`. The unit's corrections are
 * collected once, by events_correcting, before its events are looked at. With `asOf`, a placeholder,
 * as was recorded by then.
 */
export function holds(event: string, unit: string, asOf?: string): string {
  const known = (alias: string) =>
    asOf === undefined ? '' : ` and ${alias}.recorded_at <= ${asOf}::timestamptz`;
  return `${event}.classifier = 'actual' and ${event}.retracts is null${known(event)}
    and ${event}.id <> all (array(
      select coalesce(later.replaces, later.retracts) from events later
      where later.bucket = ${unit}.bucket and later.unit_id = ${unit}.id${known('later')}
        and (later.replaces is not null or later.retracts is not null)))`;
}
