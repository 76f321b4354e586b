/** Finds the units that a batch of drafts speaks of, with the right of each asker: one statement. */
import type { DocumentReference } from '../../events/event.ts';
import type { CustomsFlag, FreightFamily } from '../../events/types.ts';
import type { Database } from '../database.ts';
import { aliveStates } from '../subscriptions/alive.ts';

export interface UnitQuestion {
  /** Where the asker is the operator, absent: every unit is visible. */
  readonly organization: string | undefined;
  readonly id?: string;
  readonly spi?: string;
  readonly referenceKey?: string;
  /** Known for ids and references, not for SPIs. */
  readonly bucket?: number;
}

export interface VisibleUnit {
  readonly question: number;
  readonly bucket: number;
  readonly id: string;
  readonly organization: string;
  readonly reference: string;
  readonly referenceKey: string;
  /** Of the reference, as it was when the unit was looked up; absent: 0. */
  readonly version: number;
  readonly spi: string | null;
  readonly freightFamily: FreightFamily;
  readonly customsFlag: CustomsFlag;
  readonly documents: readonly DocumentReference[];
  readonly mayRegister: boolean;
  /** Whether its reference names other units too, whoever sees them. */
  readonly hasSiblings: boolean;
  /** Whether subscriptions end with its leaving. */
  readonly isAwaited: boolean;
}

/** Passages looked at per reference; a container has a handful, a parcel one. */
const passagesMax = 50;

const rights = `
  join lateral (
    select q.organization is null or bool_or(p.may_register) as may_register
    from unit_parties p
    where p.bucket = u.bucket and p.unit_id = u.id
      and (q.organization is null or p.organization_id = q.organization)
    having count(*) > 0
  ) r on true`;

/**
 * Three look-ups, each by its own index: (bucket, id), (bucket, reference_key), (spi). A unit the
 * asker is no party of yields no row, so unknown and hidden are the same from here on.
 */
/** Not the details: they may be large, and nothing here looks at them. */
const columns = `u.bucket, u.id, u.organization_id, u.reference, u.reference_key, u.spi,
  u.freight_family, u.customs_flag`;

const statement = {
  name: 'resolve-units',
  text: `
with asked as materialized (
  select * from unnest($1::int[], $2::uuid[], $3::smallint[], $4::uuid[], $5::text[], $6::text[])
    as a (question, organization, bucket, id, reference_key, spi)
), found as (
  select q.question, ${columns}, r.may_register
  from asked q join units u on u.bucket = q.bucket and u.id = q.id ${rights}
  where q.id is not null
  union all
  select q.question, ${columns}, r.may_register
  from asked q
  join lateral (
    select * from units u where u.bucket = q.bucket and u.reference_key = q.reference_key
      and (q.spi is null or u.spi = q.spi)
    order by u.id desc limit ${passagesMax}
  ) u on true ${rights}
  where q.id is null and q.reference_key is not null
  union all
  select q.question, ${columns}, r.may_register
  from asked q join units u on u.spi = q.spi ${rights}
  where q.id is null and q.reference_key is null
)
select f.question, f.bucket, f.id, f.organization_id as organization, f.reference,
  f.reference_key as "referenceKey", coalesce(v.version, 0) as version, f.spi,
  f.freight_family as "freightFamily", f.customs_flag as "customsFlag",
  f.may_register as "mayRegister",
  exists (
    select from units o where o.bucket = f.bucket and o.reference_key = f.reference_key
      and o.id <> f.id
  ) as "hasSiblings",
  exists (
    select from subscriptions s where s.leaving_unit_id = f.id and s.state in ${aliveStates}
  ) as "isAwaited",
  coalesce((
    select jsonb_agg(jsonb_build_object('type', d.type, 'reference', d.reference)
                     order by d.type, d.reference)
    from unit_documents d where d.bucket = f.bucket and d.unit_id = f.id
  ), '[]') as documents
from found f
left join reference_versions v on v.bucket = f.bucket and v.reference_key = f.reference_key`,
};

/** The visible units of each question, by the question's index. */
export async function resolveUnits(
  database: Database,
  questions: readonly UnitQuestion[],
): Promise<readonly VisibleUnit[][]> {
  const answers: VisibleUnit[][] = questions.map(() => []);
  const rows = await database.query<VisibleUnit>(statement, [
    questions.map((_, index) => index),
    questions.map((question) => question.organization ?? null),
    questions.map((question) => question.bucket ?? null),
    questions.map((question) => question.id ?? null),
    questions.map((question) => question.referenceKey ?? null),
    questions.map((question) => question.spi ?? null),
  ]);
  for (const row of rows) answers[row.question]?.push(row);
  return answers;
}
