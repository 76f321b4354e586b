/**
 * Checks requests against their schemas. Bodies are checked as they are, never coerced: a number
 * sent as text is a fault. Query and path hold text only, so they are read by their schema first.
 */
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type Issue, Problem } from '../events/problem.ts';

const issuesMax = 50;
const valueCharactersMax = 100;

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { type?: string | string[]; default?: unknown }>>;
}

function pathOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

const under = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);

function valueAt(value: unknown, pointer: string): string | undefined {
  let here = value;
  for (const part of pathOf(pointer).split('.')) {
    if (part === '') break;
    if (typeof here !== 'object' || here === null) return undefined;
    here = (here as Record<string, unknown>)[part];
  }
  if (here === undefined || typeof here === 'object') return undefined;
  return String(here).slice(0, valueCharactersMax);
}

/** The faults of one schema error; a missing or unknown member is named by its own path. */
function issuesOf(error: SchemaError, value: unknown): Issue[] {
  const path = pathOf(error.instancePath);
  const params = error.params as {
    requiredProperties?: readonly string[];
    additionalProperties?: readonly string[];
    allowedValues?: readonly unknown[];
  };
  if (error.keyword === 'required') {
    return (params.requiredProperties ?? []).map((name) => ({
      path: under(path, name),
      message: 'is required',
      rule: 'required',
    }));
  }
  if (error.keyword === 'additionalProperties') {
    return (params.additionalProperties ?? []).map((name) => ({
      path: under(path, name),
      message: 'is not known here',
      rule: 'additionalProperties',
    }));
  }
  // `false` schemas only repeat what additionalProperties has said.
  if (error.keyword === 'boolean') return [];
  const message =
    error.keyword === 'enum'
      ? `must be one of ${(params.allowedValues ?? []).join(', ')}`
      : error.message;
  const shown = valueAt(value, error.instancePath);
  const issue = { path, message, rule: error.keyword };
  return [shown === undefined ? issue : { ...issue, value: shown }];
}

function problemOf(errors: readonly SchemaError[], value: unknown): Problem {
  const issues = errors.flatMap((error) => issuesOf(error, value)).slice(0, issuesMax);
  const first = issues[0] ?? { path: '', message: 'is not valid' };
  const where = first.path === '' ? 'the request' : first.path;
  return new Problem('invalid-input', `${where} ${first.message}`, { issues });
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
  const validator = Compile(schema);
  const texts = httpPart === 'querystring' || httpPart === 'params';
  return (given: unknown) => {
    const value = texts ? readTexts(schema as ObjectSchema, given as never) : given;
    if (validator.Check(value)) return { value };
    return { error: problemOf(validator.Errors(value) as SchemaError[], value) };
  };
};
