/**
 * Checks requests against their schemas. Bodies are checked as they are, never coerced: a number
 * sent as text is a fault. Query and path hold text only, so they are read by their schema first.
 */
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Problem } from '../events/problem.ts';
import { compileCheck, type Fault } from '../lib/check.ts';

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { type?: string | string[]; default?: unknown }>>;
}

function problemOf(faults: readonly Fault[]): Problem {
  const first = faults[0] ?? { path: '', message: 'is not valid' };
  const where = first.path === '' ? 'the request' : first.path;
  return new Problem('invalid-input', `${where} ${first.message}`, { issues: faults });
}

function readText(text: string, type: string | undefined): unknown {
  if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (type === 'number') return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text;
  if (type === 'boolean' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text;
}

/** Reads the texts of a query or path by their schema and fills in defaults. */
function readTexts(schema: ObjectSchema, values: Readonly<Record<string, unknown>>) {
  const read: Record<string, unknown> = { ...values };
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const value = read[name];
    const type = Array.isArray(property.type) ? property.type[0] : property.type;
    if (typeof value === 'string') read[name] = readText(value, type);
    else if (value === undefined && property.default !== undefined) read[name] = property.default;
  }
  return read;
}

export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = compileCheck(schema);
  const texts = httpPart === 'querystring' || httpPart === 'params';
  return (given: unknown) => {
    const value = texts ? readTexts(schema as ObjectSchema, given as never) : given;
    const checked = check(value);
    return checked.ok ? { value } : { error: problemOf(checked.faults) };
  };
};
