/**
 * Checks an order and says everything that is wrong with it at once, in the partner's kind of rule
 * names: `isEmpty` and `regexNotMatch` are published, the others are named in their manner (ours).
 */
import { type Issue, Problem } from '../../events/problem.ts';
import { compileCheck, type Fault } from '../../lib/check.ts';
import { COUNTRY, DAY, TIME } from './formats.ts';
import { ShippingOrder } from './schemas.ts';

const check = compileCheck(ShippingOrder);

/** Our schema's keywords → rule and text; the text may be the check's own. */
const rules: Readonly<Record<string, { readonly rule: string; readonly message?: string }>> = {
  required: { rule: 'isEmpty' },
  minItems: { rule: 'isEmpty' },
  type: { rule: 'typeInvalid' },
  enum: { rule: 'notInArray' },
  pattern: { rule: 'regexNotMatch' },
  maxLength: { rule: 'stringLengthTooLong' },
  maxItems: { rule: 'countTooLarge' },
  minimum: { rule: 'notBetween' },
  maximum: { rule: 'notBetween' },
  exclusiveMinimum: { rule: 'notGreaterThan' },
};

const formatRules: Readonly<Record<string, { readonly rule: string; readonly message: string }>> = {
  [DAY]: { rule: 'dateInvalidDate', message: 'is not a day of 1971 to 2198 like 2017-02-20' },
  [TIME]: { rule: 'regexNotMatch', message: 'is not a time with offset like 11:20:00+01:00' },
  [COUNTRY]: { rule: 'notInArray', message: 'is not a country of ISO 3166-1 alpha-2' },
  uuid: { rule: 'regexNotMatch', message: 'is not a UUID' },
};

/** What the right form is, by the last name of the field. */
const forms: Readonly<Record<string, string>> = {
  number: 'must not begin or end with a space',
  email: 'is not an e-mail address',
  interval_of_days: 'is not an interval of days like P10D',
};

const empty = { rule: 'isEmpty', message: "is required and can't be empty" };

/**
 * The body as an order. Throws `invalid-input` with every fault, at most a hundred; `organization` is
 * the caller's, whom the order's shipper must not contradict.
 */
export function checkOrder(body: unknown, organization: string | undefined): ShippingOrder {
  const checked = check(body);
  const issues = checked.ok ? [] : checked.faults.map((fault) => issueOf(body, fault));
  const issue = shipperIssue(body, organization);
  if (issue !== undefined && !issues.some(({ path }) => path === issue.path)) issues.push(issue);
  if (issues.length > 0) throw new Problem('invalid-input', summaryOf(issues), { issues });
  if (checked.ok) return checked.value;
  throw new Error('an order was refused without a fault');
}

function issueOf(body: unknown, fault: Fault): Issue {
  const { path } = fault;
  const value = valueAt(body, path);
  const isBlank = typeof value === 'string' && value.trim() === '';
  if (path !== '' && (fault.rule === 'required' || value === null || isBlank)) {
    return { path, ...empty };
  }
  const named = fault.rule === 'format' ? formatRules[formatOf(fault)] : rules[fault.rule];
  const form = fault.rule === 'pattern' ? forms[path.split('.').at(-1) ?? ''] : undefined;
  const { rule, message = form ?? fault.message } = named ?? { rule: fault.rule };
  return rule === 'isEmpty' ? { path, ...empty } : { path, rule, message };
}

/** The check tells the format in its text only: `must match format "…"`. */
function formatOf({ message }: Fault): string {
  return /"([^"]*)"/.exec(message)?.[1] ?? '';
}

function shipperIssue(body: unknown, organization: string | undefined): Issue | undefined {
  const path = 'shipper.organization_id';
  const named = valueAt(body, path);
  if (typeof named !== 'string' || named.toLowerCase() === organization) return undefined;
  return { path, rule: 'notSame', message: 'is not your own: the shipper is who sends the order' };
}

function valueAt(root: unknown, path: string): unknown {
  let value = root;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.getOwnPropertyDescriptor(value, key)?.value;
  }
  return value;
}

/** In one line: the first fault, and how many more there are. */
export function summaryOf(issues: readonly Issue[]): string {
  const [first] = issues;
  const rest = issues.length === 1 ? '' : ` and ${issues.length - 1} more`;
  return `${first?.path === '' ? 'the order' : first?.path} ${first?.message}${rest}`;
}
