/**
 * Which events of a unit hold, as a condition: of each actual event the last version, unless that
 * is a retraction. The rule is that of `events/versions.ts`, where it is tested in full.
 */

/**
 * On the alias `event` of an event of the unit with the alias `unit`. The unit's corrections are
 * collected once, by events_correcting, before its events are looked at; hardly any unit has some.
 * With `asOf`, a placeholder, as was recorded by then.
 */
export function holds(event: string, unit: string, asOf?: string): string {
  const known = (alias: string) =>
    asOf === undefined ? '' : ` and ${alias}.recorded_at <= ${asOf}::timestamptz`;
  return `${event}.classifier = 'actual' and ${event}.retracts is null${known(event)}
    and ${event}.id <> all (array(
      with recursive told as materialized (
        select later.id, coalesce(later.replaces, later.retracts) as target from events later
        where later.bucket = ${unit}.bucket and later.unit_id = ${unit}.id${known('later')}
          and (later.replaces is not null or later.retracts is not null)
      ), versions as (
        select id, target as first from told where target not in (select id from told)
        union all
        select told.id, versions.first from versions join told on told.target = versions.id
      )
      select target from told
      union all
      select id from (
        select id, row_number() over (partition by first order by id desc) as place
        from versions where id not in (select target from told)
      ) unnamed where place > 1))`;
}
