/** Random values of a JSON Schema, for tests; knows as much of JSON Schema as our schemas use. */
import fc from 'fast-check';
import type { Static, TSchema } from 'typebox';

interface Node {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
}

const listLengthMax = 3;
/** Of code points, as JSON Schema counts. */
const textLengthMax = 20;

export function arbitraryOf<T extends TSchema>(schema: T): fc.Arbitrary<Static<T>> {
  return ofNode(schema) as fc.Arbitrary<Static<T>>;
}

function ofNode(node: Node): fc.Arbitrary<unknown> {
  if (node.enum !== undefined) return fc.constantFrom(...node.enum);
  const types = typeof node.type === 'string' ? [node.type] : (node.type ?? []);
  return fc.oneof(...types.map((type) => ofType(type, node)));
}

function ofType(type: string, node: Node): fc.Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: node.minimum ?? 0, max: node.maximum ?? 1_000 });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'string':
      return node.format === 'date-time'
        ? fc.constantFrom('2020-05-07T14:38:54+02:00', '2020-05-19T22:00:00.5Z')
        : fc.string({
            unit: 'binary',
            maxLength: Math.min(node.maxLength ?? textLengthMax, textLengthMax),
          });
    case 'array':
      return fc.array(ofNode(node.items ?? {}), { maxLength: listLengthMax });
    case 'object':
      return fc.record(
        Object.fromEntries(
          Object.entries(node.properties ?? {}).map(([name, member]) => [name, ofNode(member)]),
        ),
        { requiredKeys: [...(node.required ?? [])], noNullPrototype: true },
      );
    default:
      throw new Error(`no random values of the type ${type}`);
  }
}
