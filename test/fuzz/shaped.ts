/** Values as a JSON Schema of an OpenAPI document wants them, and slips in such values. */
import fc from 'fast-check';
import { again, nastyCharacter, nastyName, nastyNumber, nastyText, nastyValue } from './nasty.ts';

/** As much of JSON Schema as is looked at; what is not known is left to chance. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly examples?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
}

/** Texts that mean something to the hub under test, by the member or the path segment they fit. */
export type Known = Readonly<Record<string, readonly string[]>>;

const textLengthMax = 60;
const itemsMax = 3;
const instants = ['2026-11-20T14:00:00+01:00', '2020-01-31T00:01:00.000Z', '2024-02-29T23:59:59Z'];

/** Mostly valid, seldom empty. `name` is that of the member, to find known texts by. */
export function shaped(schema: Schema, known: Known, name = ''): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map((one) => shaped(one, known, name)));
  const types = [schema.type ?? []].flat();
  if (types.length === 0) return nastyValue;
  return fc.oneof(
    ...types.map((type) => ({
      weight: type === 'null' ? 1 : 8,
      arbitrary: ofType(type, { schema, known, name }),
    })),
  );
}

interface Asked {
  readonly schema: Schema;
  readonly known: Known;
  readonly name: string;
}

function ofType(type: string, asked: Asked): fc.Arbitrary<unknown> {
  const { schema, known, name } = asked;
  const { minimum: min = -1_000, maximum: max = 1_000 } = schema;
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: Math.ceil(min), max: Math.floor(max) });
    case 'number':
      return fc.double({ min, max, noNaN: true });
    case 'array':
      return fc.array(shaped(schema.items ?? {}, known, name), { maxLength: itemsMax });
    case 'object':
      return objectOf(asked);
    case 'string':
      return textOf(asked);
    default:
      return nastyValue;
  }
}

function objectOf({ schema, known }: Asked): fc.Arbitrary<unknown> {
  const { properties = {}, additionalProperties } = schema;
  const members = fc.record(
    Object.fromEntries(
      Object.entries(properties).map(([name, member]) => [name, shaped(member, known, name)]),
    ),
    { requiredKeys: [...(schema.required ?? [])], noNullPrototype: true },
  );
  if (typeof additionalProperties !== 'object') return members;
  const names = fc.constantFrom('hub', 'soget', 'parcels', 'other', 'Not A Name');
  const rest = fc.dictionary(names, shaped(additionalProperties, known), { maxKeys: itemsMax });
  return fc.tuple(members, rest).map(([own, more]) => ({ ...more, ...own }));
}

function textOf({ schema, known, name }: Asked): fc.Arbitrary<string> {
  const { examples = [], format, pattern, minLength = 0, maxLength = textLengthMax } = schema;
  // Any address would do, and some lead out of this machine: only known ones are used.
  const isAddress = /url$/i.test(name);
  const apt = (known[name] ?? (isAddress ? known['url'] : undefined) ?? []).filter(
    (text) => cut(text, maxLength) === text,
  );
  if (!isAddress) apt.push(...examples.filter((one) => typeof one === 'string'));
  if (format === 'date-time') apt.push(...instants);
  const spots: { weight: number; arbitrary: fc.Arbitrary<string> }[] = [];
  if (apt.length > 0) spots.push({ weight: 12, arbitrary: fc.constantFrom(...apt) });
  if (pattern !== undefined) {
    const matching = fc.stringMatching(new RegExp(pattern, 'u'));
    spots.push({ weight: 2, arbitrary: matching.map((text) => cut(text, maxLength)) });
  } else if ((!isAddress && format === undefined) || apt.length === 0) {
    const lengthMax = Math.max(minLength, Math.min(maxLength, textLengthMax));
    const any = fc.string({ unit: 'grapheme', minLength, maxLength: lengthMax });
    spots.push({ weight: 1, arbitrary: any.map((text) => cut(text, maxLength)) });
  }
  return fc.oneof(...spots);
}

function cut(text: string, lengthMax: number): string {
  return [...text].slice(0, lengthMax).join('');
}

/** Those that slip in most often stand twice. */
const kinds = [
  ...([
    'spoil',
    'spoil',
    'spoil',
    'spoil',
    'replace',
    'replace',
    'replace',
    'text',
    'text',
  ] as const),
  ...([
    'number',
    'number',
    'drop',
    'drop',
    'add',
    'add',
    'again',
    'again',
    'list',
    'crowd',
  ] as const),
];

/** One slip: where (counted through the value), what kind, and with which value or name. */
interface Slip {
  readonly at: number;
  readonly kind: (typeof kinds)[number];
  readonly value: unknown;
  readonly text: string;
  readonly character: string;
  readonly number: unknown;
  readonly name: string;
}

const anySlip: fc.Arbitrary<Slip> = fc.record({
  at: fc.nat(200),
  kind: fc.constantFrom(...kinds),
  value: nastyValue,
  text: nastyText,
  character: nastyCharacter,
  number: nastyNumber,
  name: nastyName,
});

/** The values of `base`, with none to so many slips in each. */
export function slipped(base: fc.Arbitrary<unknown>, slipsMax = 3): fc.Arbitrary<unknown> {
  const slips = fc.array(anySlip, { maxLength: slipsMax, size: 'max' });
  return fc
    .tuple(base, slips)
    .map(([value, made]) => made.reduce((before: unknown, one) => applied(before, one), value));
}

function applied(root: unknown, one: Slip): unknown {
  const isTarget = one.kind === 'spoil' ? isText : isAnything;
  const count = countOf(root, isTarget);
  if (count === 0) return root;
  let left = one.at % count;
  const visit = (node: unknown): unknown => {
    if (isTarget(node) && left-- === 0) return changed(node, one);
    if (Array.isArray(node)) return node.map(visit).filter((item) => item !== undefined);
    if (!isObject(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, visit(child)]));
  };
  return visit(root);
}

function changed(node: unknown, slip: Slip): unknown {
  const { kind, value, text, number, name, character } = slip;
  switch (kind) {
    case 'spoil': {
      const at = slip.at % (String(node).length + 1);
      return String(node).slice(0, at) + character + String(node).slice(at);
    }
    case 'replace':
      return value;
    case 'text':
      return text;
    case 'number':
      return number;
    case 'drop':
      return undefined;
    case 'list':
      return [node];
    case 'crowd':
      // One more than any list may hold.
      return Array.from({ length: 1_001 }, () => node);
    case 'add':
      return isObject(node) ? { ...node, [name]: value } : value;
    case 'again': {
      const first = isObject(node) ? Object.keys(node)[0] : undefined;
      return first === undefined ? value : { ...(node as object), [again(first)]: value };
    }
  }
}

const isText = (node: unknown) => typeof node === 'string';
const isAnything = () => true;

function countOf(node: unknown, isTarget: (node: unknown) => boolean): number {
  const own = isTarget(node) ? 1 : 0;
  if (!Array.isArray(node) && !isObject(node)) return own;
  return Object.values(node).reduce((sum: number, child) => sum + countOf(child, isTarget), own);
}

function isObject(node: unknown): node is Readonly<Record<string, unknown>> {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}
