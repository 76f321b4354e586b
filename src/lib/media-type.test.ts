// Content-Type headers: parameters, case and blanks do not count.
import { expect, it } from 'vitest';
import { mediaTypeOf } from './media-type.ts';

it.each([
  ['application/json', 'application/json'],
  ['Application/JSON ; charset=UTF-8', 'application/json'],
  [' application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
  [';charset=utf-8', undefined],
  ['', undefined],
  [undefined, undefined],
])('%j is %j', (header, type) => expect(mediaTypeOf(header)).toBe(type));
