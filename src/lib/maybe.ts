/**
 * Members of a request that may be missing or null, which means the same. As one `type` list each, so
 * that a fault is told of the member itself and not of the branches of a union.
 */
import Type, { type Static, type TArrayOptions, type TProperties, type TSchema } from 'typebox';
import { closed, nullable } from './schema.ts';

/** An optional scalar. */
export function maybe<T extends TSchema & { type: string }>(schema: T) {
  return Type.Optional(nullable(schema));
}

/** An optional word of a closed list. */
export function maybeOneOf<const T extends readonly string[]>(values: T, options: object = {}) {
  const words = { type: ['string', 'null'], enum: [...values, null] };
  return Type.Optional(Type.Unsafe<T[number] | null>({ ...words, ...options }));
}

/** An optional object that refuses members it does not name. */
export function maybeClosed<T extends TProperties>(properties: T, options: object = {}) {
  const schema = closed(properties, options);
  return Type.Optional(Type.Unsafe<Static<typeof schema> | null>(orNull(schema)));
}

/** An optional list of bounded length. */
export function maybeList<T extends TSchema>(
  item: T,
  options: TArrayOptions & { maxItems: number },
) {
  const schema = Type.Array(item, options);
  return Type.Optional(Type.Unsafe<Static<T>[] | null>(orNull(schema)));
}

function orNull<T extends { type: string }>(schema: T): object {
  return { ...schema, type: [schema.type, 'null'] };
}
