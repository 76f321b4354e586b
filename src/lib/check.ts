/**
 * Checks a value from JSON against a schema and says what is wrong, field by field. For values that
 * are checked one by one inside a request; a whole body is checked by the door before any route runs.
 */
import type { StaticEncode, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { TLocalizedValidationError } from 'typebox/error';
import { Settings } from 'typebox/system';

// All faults of a request at once, not the first eight: who mends a request mends it once.
const faultsMax = 100;
Settings.Set({ maxErrors: faultsMax });

export interface Fault {
  /** Dotted path from the root of the value; empty for the root itself. */
  readonly path: string;
  readonly message: string;
  /** Keyword of the schema that is broken, e.g. `required`, `maxLength`. */
  readonly rule: string;
  /** The refused scalar as text, at most 100 characters; absent for objects and arrays. */
  readonly value?: string;
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const valueLengthMax = 100;

/** Compiles a schema once; the check neither changes nor coerces the value. At most 100 faults. */
export function compileCheck<T extends TSchema>(
  schema: T,
): (value: unknown) => Checked<StaticEncode<T>> {
  const validator = Compile(schema);
  return (value) => {
    if (validator.Check(value)) return { ok: true, value };
    return { ok: false, faults: faultsOf(value, validator.Errors(value)) };
  };
}

function faultsOf(root: unknown, errors: readonly TLocalizedValidationError[]): readonly Fault[] {
  const byPath = new Map<string, Fault>();
  for (const error of errors) {
    // One fault per field: the checker repeats a fault of a member as one of its object.
    for (const fault of readError(root, error)) {
      if (!byPath.has(fault.path)) byPath.set(fault.path, fault);
    }
  }
  return [...byPath.values()];
}

function readError(root: unknown, error: TLocalizedValidationError): readonly Fault[] {
  const keys = error.instancePath.split('/').slice(1).map(unescapeKey);
  const rule = error.keyword;
  switch (rule) {
    case 'required':
      return memberFaults(keys, error.params.requiredProperties, { message: 'is required', rule });
    case 'additionalProperties':
      return memberFaults(keys, error.params.additionalProperties, {
        message: 'is not a known member',
        rule,
      });
    case 'propertyNames':
      return memberFaults(keys, error.params.propertyNames, {
        message: 'is not an allowed name',
        rule,
      });
    // Said again, with the member's name, by `additionalProperties`.
    case 'boolean':
      return [];
    case 'enum': {
      // That nothing is allowed too is no word to choose; a number beside its text is one word.
      const words = error.params.allowedValues.filter((word) => word !== null);
      const message = `must be one of ${[...new Set(words.map(String))].join(', ')}`;
      return [{ path: keys.join('.'), message, rule, ...valueAt(root, keys) }];
    }
    default:
      return [{ path: keys.join('.'), message: error.message, rule, ...valueAt(root, keys) }];
  }
}

function memberFaults(
  keys: readonly string[],
  names: readonly string[],
  said: Pick<Fault, 'message' | 'rule'>,
): Fault[] {
  return names.map((name) => ({ path: [...keys, name].join('.'), ...said }));
}

function valueAt(root: unknown, keys: readonly string[]): { value?: string } {
  let value = root;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return {};
    value = Object.getOwnPropertyDescriptor(value, key)?.value;
  }
  if (value === undefined || typeof value === 'object') return {};
  return { value: String(value).slice(0, valueLengthMax) };
}

function unescapeKey(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}
