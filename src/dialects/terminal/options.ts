/** What the operator may set for this dialect: a member of PORTOLAN_DIALECT_OPTIONS. */
import Type, { type Static } from 'typebox';
import { Problem } from '../../events/problem.ts';
import { compileCheck } from '../../lib/check.ts';
import { closed } from '../../lib/schema.ts';

const dayMs = 86_400_000;
/** "A few days" is published; the number is ours. */
const expiryDaysDefault = 3;

const Options = closed({
  expiryDays: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 366,
      description: 'Days that a subscription outlives the leaving of its container.',
    }),
  ),
});

export interface TerminalOptions {
  readonly expiryMs: number;
}

const check = compileCheck(Options);

/** Throws `invalid-input` that names the wrong member. */
export function readOptions(given: unknown): TerminalOptions {
  const checked = check(given);
  if (!checked.ok) {
    const text = checked.faults.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
    throw new Problem('invalid-input', text, { issues: checked.faults });
  }
  const { expiryDays = expiryDaysDefault }: Static<typeof Options> = checked.value;
  return { expiryMs: Math.max(1, Math.round(expiryDays * dayMs)) };
}
