/** What the operator may set for this dialect: a member of PORTOLAN_DIALECT_OPTIONS. */
import Type, { type Static } from 'typebox';
import { Problem } from '../../events/problem.ts';
import { compileCheck } from '../../lib/check.ts';
import { closed } from '../../lib/schema.ts';
import type { Contractor } from './schemas.ts';

const companiesMax = 10_000;
/** Where the partner's companies and employees are, as its sample links them. */
const companiesUrlPublished = 'https://companies.system.trans.eu/api/rest/v1';

const Company = closed({
  organization: Type.String({ format: 'uuid', description: 'Id of an organization of this hub.' }),
  companyId: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: 'Its number at the exchange: a TransID before the hyphen.',
    }),
  ),
  vatIds: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 20 })),
});

const Options = closed({
  companies: Type.Optional(Type.Array(Company, { maxItems: companiesMax })),
  companiesUrl: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s?#]+[^\\s?#/]$',
      maxLength: 500,
      description: 'Base of the links to companies and employees, without a slash at its end.',
    }),
  ),
});

export interface OrdersOptions {
  readonly companiesUrl: string;
  /** The organization of this hub that a contractor is, as far as that is known. */
  readonly organizationOf: (contractor: Contractor) => string | undefined;
  /** The number at the exchange of an organization of this hub. */
  readonly companyIdOf: (organization: string) => number | undefined;
}

const check = compileCheck(Options);

/** Throws `invalid-input` that names the wrong member. */
export function readOptions(given: unknown): OrdersOptions {
  const checked = check(given);
  if (!checked.ok) {
    const text = checked.faults.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
    throw new Problem('invalid-input', text, { issues: checked.faults });
  }
  const { companies = [], companiesUrl = companiesUrlPublished }: Static<typeof Options> =
    checked.value;
  const byName = new Map<string, string>();
  const companyIds = new Map<string, number>();
  for (const { organization, companyId, vatIds = [] } of companies) {
    const id = organization.toLowerCase();
    for (const vatId of vatIds) byName.set(vatKey(vatId), id);
    if (companyId === undefined) continue;
    byName.set(companyKey(companyId), id);
    companyIds.set(id, companyId);
  }
  return {
    companiesUrl,
    organizationOf: (contractor) => organizationOf(contractor, byName),
    companyIdOf: (organization) => companyIds.get(organization),
  };
}

/** The id of this hub is the plainest word; a TransID names a company for sure; then the VAT id. */
function organizationOf(
  { organization_id: id, vat_id: vatId, contact_person: person }: Contractor,
  byName: ReadonlyMap<string, string>,
): string | undefined {
  if (typeof id === 'string') return id.toLowerCase();
  const companyId = companyIdIn(person?.trans_id);
  const ofCompany = companyId === undefined ? undefined : byName.get(companyKey(companyId));
  return ofCompany ?? (typeof vatId === 'string' ? byName.get(vatKey(vatId)) : undefined);
}

/** `1008544-1` is the first employee of company 1008544. */
export function companyIdIn(transId: string | null | undefined): number | undefined {
  const match = /^(\d{1,15})-\d{1,15}$/.exec(transId ?? '');
  return match === null ? undefined : Number(match[1]);
}

/** Spaces, dots, hyphens and case make no other number. */
function vatKey(vatId: string): string {
  return `vat ${vatId.replace(/[\s.-]/g, '').toUpperCase()}`;
}

function companyKey(companyId: number): string {
  return `company ${companyId}`;
}
