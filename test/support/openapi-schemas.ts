/** A partner's own OpenAPI 3.0 schemas as the judge of what we send: turned into JSON Schema. */
import { readFileSync } from 'node:fs';
import { Compile } from 'typebox/schema';

/**
 * Reads a file with a member `schemas`, as under `components` of an OpenAPI document. The function
 * gives the faults of a value by the schema of that name; none when the value is valid.
 */
export function readOpenApiSchemas(
  file: URL,
): (name: string, value: unknown) => readonly unknown[] {
  const { schemas } = JSON.parse(readFileSync(file, 'utf8')) as { schemas: object };
  const $defs = convert(schemas) as object;
  return (name, value) => {
    if (!Object.hasOwn($defs, name)) throw new Error(`there is no schema ${name}`);
    const validator = Compile({ $ref: `#/$defs/${name}`, $defs });
    return validator.Check(value) ? [] : validator.Errors(value)[1];
  };
}

function convert(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(convert);
  if (typeof node === 'string') return node.replace('#/components/schemas/', '#/$defs/');
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...rest } = node as { nullable?: unknown; type?: unknown };
  const made = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, convert(value)]),
  );
  return nullable === true ? { ...made, type: [rest.type, 'null'] } : made;
}
