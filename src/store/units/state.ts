/**
 * Where a unit is and what happened last, told from its events in the statement that reads the unit.
 * The newest by `occurredAt` decides, among the events that hold, so a late one moves nothing back.
 */
import type { UnitAsKnown, UnitState } from '../../events/unit.ts';
import { present } from '../../lib/present.ts';
import { holds } from '../events/holds.ts';
import { type UnitRow, unitFromRow } from '../rows.ts';

/** Newest events looked at; a passage has some dozens. */
const eventsMax = 500;

interface StateRow {
  readonly lastEvent: UnitState['lastEvent'];
  readonly place: { readonly unlocode?: string; readonly location?: string; name?: string } | null;
  readonly full: boolean | null;
}

export interface UnitStateRow extends UnitRow {
  readonly state: StateRow | null;
}

const newestFirst = 'order by occurred_at desc, id desc limit 1';

/*
 * A column of `unitRow.state` for the alias `unit`, one walk along events_of_unit from its end.
 * UN/LOCODE, location and name come from one event: a mix of two would be a place that nobody told.
 * With `asOf`, a placeholder, as was recorded by then.
 */
export function stateColumn(unit: string, asOf?: string): string {
  return `(
    with held as materialized (
      select e.id, e.type, e.classifier, e.occurred_at, e.content
      from events e
      where e.bucket = ${unit}.bucket and e.unit_id = ${unit}.id and ${holds('e', unit, asOf)}
      order by e.occurred_at desc, e.id desc limit ${eventsMax}
    )
    select json_build_object(
      'lastEvent', json_build_object('id', id, 'type', type, 'classifier', classifier,
        'occurredAt', content -> 'occurredAt' ->> 'text'),
      'place', (select content -> 'place' from held
        where coalesce(content -> 'place' ->> 'unlocode', content -> 'place' ->> 'location',
          content -> 'place' ->> 'name') is not null ${newestFirst}),
      'full', (select content -> 'full' from held where content ->> 'full' is not null
        ${newestFirst}))
    from held ${newestFirst}
  ) as state`;
}

export function unitFromStateRow({ state, ...row }: UnitStateRow): UnitAsKnown {
  const unit = unitFromRow(row);
  return state === null ? unit : { ...unit, state: stateOf(state) };
}

function stateOf({ lastEvent, place, full }: StateRow): UnitState {
  const { unlocode, location, name } = place ?? {};
  return { lastEvent, ...present({ place: unlocode, location, placeName: name, full }) };
}
