// Names of variants: one for each text, and no more than a connection can keep plans for.
import { expect, it } from 'vitest';
import { createVariantNames } from './variants.ts';

it('names a text alike at every use and in every process, and texts apart', () => {
  const nameOf = createVariantNames();
  const one = nameOf('units-find', 'select 1');
  expect(one).toMatch(/^units-find-[0-9a-f]{12}$/);
  expect(nameOf('units-find', 'select 2')).not.toBe(one);
  expect(nameOf('units-find', 'select 1')).toBe(one);
  expect(createVariantNames()('units-find', 'select 1')).toBe(one);
});

it('names the first 16 of a family; those keep their names, and other families have theirs', () => {
  const nameOf = createVariantNames();
  const texts = Array.from({ length: 20 }, (_, at) => `select ${at}`);
  const names = texts.map((text) => nameOf('many', text));
  expect(names.filter((name) => name !== undefined)).toHaveLength(16);
  expect(new Set(names.slice(0, 16)).size).toBe(16);
  expect(names.slice(16)).toEqual([undefined, undefined, undefined, undefined]);
  expect(texts.map((text) => nameOf('many', text))).toEqual(names);
  expect(nameOf('few', 'select 19')).toBeDefined();
});
