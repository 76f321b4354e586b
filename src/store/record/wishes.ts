/**
 * Whom the events of a unit may concern: the living subscriptions of its parties that are found under
 * one of its keys. Read once and used again for as long as nothing is changed in the subscriptions of
 * those parties: `subscription_versions` counts that, and the statement that writes compares it.
 *
 * What an organization wishes to know of every unit is the same for all of its units, and kept once.
 */
import { LRUCache } from 'lru-cache';
import { everyUnitKey, type Wish } from '../../events/subscription.ts';
import type { Database } from '../database.ts';
import { aliveStates } from '../subscriptions/alive.ts';

/** A subscription as recording needs it. */
export interface Subscribed extends Wish {
  readonly subscriptionId: string;
  readonly endpointId: string;
  readonly dialect: string;
  /** False while it is paused, disabled or filling: kept for later. */
  readonly due: boolean;
  readonly expiresAtMs: number | null;
}

/** What an organization wished for when its version was read; later readings replace it. */
export interface Organization {
  readonly id: string;
  /** 0: it never had a subscription. */
  readonly version: number;
  /** Those that name no unit, no reference, no SPI and no document. */
  readonly ofEveryUnit: readonly Subscribed[];
  /** False once a newer version was read: then this one need not be tried. */
  isNewest: boolean;
}

export interface UnitWishes {
  readonly parties: readonly Organization[];
  /** Those that name this unit in one way or another. */
  readonly ofThisUnit: readonly Subscribed[];
}

export interface UnitKeys {
  readonly bucket: number;
  readonly unit: string;
  readonly matchKeys: readonly string[];
}

/** Of each unit, in the order given. */
export type FindWishes = (units: readonly UnitKeys[]) => Promise<UnitWishes[]>;

/** All organizations together; some hundred bytes each. */
const subscriptionsRememberedMax = 100_000;

const subscribed = `json_build_object('subscriptionId', s.id, 'endpointId', s.endpoint_id,
    'dialect', s.dialect, 'due', s.state = 'active', 'requiredTags', s.required_tags,
    'anyType', s.any_type,
    'expiresAtMs', extract(epoch from s.expires_at) * 1000)`;

/*
 * A planner that may read parties and subscriptions together looks these up by organization alone
 * while it believes them few, so the keys are laid out first.
 */
const unitStatement = {
  name: 'wishes-of-units',
  text: `
with asked as materialized (
  select * from unnest($1::int[], $2::smallint[], $3::uuid[]) as a (at, bucket, unit_id)
), keys as materialized (
  select * from unnest($4::int[], $5::text[]) as k (at, match_key)
), parties as materialized (
  select distinct a.at, p.organization_id
  from asked a join unit_parties p on p.bucket = a.bucket and p.unit_id = a.unit_id
), wishes as materialized (
  select p.at, p.organization_id, k.match_key
  from parties p join keys k on k.at = p.at
  where exists (
    select from subscription_versions v where v.organization_id = p.organization_id)
), found as materialized (
  select w.at, w.organization_id, json_agg(${subscribed} order by s.id) as list
  from wishes w
  join subscriptions s on s.organization_id = w.organization_id and s.match_key = w.match_key
  where s.state in ${aliveStates}
  group by w.at, w.organization_id
)
select p.at, p.organization_id as organization, coalesce(v.version, 0) as version, f.list
from parties p
left join subscription_versions v on v.organization_id = p.organization_id
left join found f on f.at = p.at and f.organization_id = p.organization_id`,
};

interface UnitRow {
  readonly at: number;
  readonly organization: string;
  readonly version: number;
  readonly list: readonly Subscribed[] | null;
}

const organizationStatement = {
  name: 'wishes-of-organizations',
  text: `
with asked as materialized (
  select * from unnest($1::uuid[]) as a (organization_id)
), found as materialized (
  select a.organization_id, json_agg(${subscribed} order by s.id) as list
  from asked a
  join subscriptions s on s.organization_id = a.organization_id and s.match_key = '${everyUnitKey}'
  where s.state in ${aliveStates}
  group by a.organization_id
)
select a.organization_id as id, coalesce(v.version, 0) as version, f.list
from asked a
left join subscription_versions v on v.organization_id = a.organization_id
left join found f on f.organization_id = a.organization_id`,
};

interface OrganizationRow {
  readonly id: string;
  readonly version: number;
  readonly list: readonly Subscribed[] | null;
}

export function createFindWishes(database: Database): FindWishes {
  const known = new LRUCache<string, Organization>({
    maxSize: subscriptionsRememberedMax,
    sizeCalculation: ({ ofEveryUnit }) => 1 + ofEveryUnit.length,
  });

  function keep({ id, version, list }: OrganizationRow): Organization {
    const before = known.get(id);
    if (before?.version === version) return before;
    if (before !== undefined) before.isNewest = false;
    const ofEveryUnit = list ?? [];
    // Too many to be kept here are too many to be kept with each unit.
    const isNewest = ofEveryUnit.length < subscriptionsRememberedMax;
    const organization = { id, version, ofEveryUnit, isNewest };
    known.set(id, organization);
    return organization;
  }

  /** As they are in those versions, or newer. */
  async function organizationsOf(rows: readonly UnitRow[]): Promise<Map<string, Organization>> {
    const found = new Map<string, Organization>();
    const unknown = new Set<string>();
    for (const { organization, version } of rows) {
      const last = known.get(organization);
      if (last?.version === version) found.set(organization, last);
      else if (version === 0)
        found.set(organization, keep({ id: organization, version, list: null }));
      else unknown.add(organization);
    }
    if (unknown.size === 0) return found;
    const answers = await database.query<OrganizationRow>(organizationStatement, [[...unknown]]);
    for (const row of answers) found.set(row.id, keep(row));
    return found;
  }

  return async (units) => {
    if (units.length === 0) return [];
    const rows = await database.query<UnitRow>(unitStatement, valuesOf(units));
    const organizations = await organizationsOf(rows);
    const wishes = units.map(() => ({
      parties: [] as Organization[],
      ofThisUnit: [] as Subscribed[],
    }));
    for (const { at, organization, version, list } of rows) {
      const party = organizations.get(organization);
      const ofUnit = wishes[at];
      if (party === undefined || ofUnit === undefined) continue;
      // Where the two readings differ, the older version is told: the write refuses it.
      const isSame = party.version === version;
      ofUnit.parties.push(isSame ? party : { ...party, version, isNewest: false });
      if (list !== null) ofUnit.ofThisUnit.push(...list);
    }
    return wishes;
  };
}

/** Keys that name a unit; what is wished of every unit is kept apart. */
function valuesOf(units: readonly UnitKeys[]): unknown[] {
  const keys = units.flatMap(({ matchKeys }, at) =>
    [...new Set(matchKeys)].filter((key) => key !== everyUnitKey).map((key) => [at, key] as const),
  );
  return [
    units.map((_, at) => at),
    units.map(({ bucket }) => bucket),
    units.map(({ unit }) => unit),
    keys.map(([at]) => at),
    keys.map(([, key]) => key),
  ];
}
