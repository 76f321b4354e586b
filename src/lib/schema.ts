/**
 * Small shorthands over typebox, whose schemas are plain JSON Schema: one source for types,
 * checks, serialisation and OpenAPI.
 */
import Type, { type Static, type TProperties, type TSchema } from 'typebox';

/** An object that refuses members it does not name. */
export function closed<T extends TProperties>(properties: T, options: object = {}) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/**
 * The value or null, as one `type` list. A union would make the serialiser try each branch for
 * every value; a list costs nothing. Only for scalars and arrays: see `orNull` for objects.
 */
export function nullable<T extends TSchema & { type: string }>(schema: T) {
  const { type, ...rest } = schema as { type: string };
  const nullFits = 'enum' in rest ? { enum: [...(rest.enum as unknown[]), null] } : {};
  return Type.Unsafe<Static<T> | null>({ ...rest, ...nullFits, type: [type, 'null'] });
}

/** A closed list of words. */
export function oneOf<const T extends readonly string[]>(values: T, options: object = {}) {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], ...options });
}

export function objectOrNull<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}
