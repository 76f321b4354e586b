// Faults are told once per field, under the field's own path, whatever the checker repeats.
import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { compileCheck } from './check.ts';
import { closed } from './schema.ts';

const check = compileCheck(
  closed({
    name: Type.String({ maxLength: 3 }),
    tags: Type.Optional(
      Type.Unsafe<Record<string, string>>({
        type: 'object',
        propertyNames: { pattern: '^[a-z]+$' },
        additionalProperties: { type: 'string', maxLength: 2 },
      }),
    ),
    list: Type.Optional(Type.Array(closed({ at: Type.Integer() }))),
  }),
);

function faults(value: unknown): unknown[] {
  const checked = check(value);
  return checked.ok ? [] : checked.faults.map(({ path, rule, value }) => [path, rule, value]);
}

describe('compileCheck', () => {
  it('passes a good value on unchanged', () => {
    const value = { name: 'abc', tags: { a: 'b' } };
    expect(check(value)).toEqual({ ok: true, value });
  });

  it.each<[unknown, unknown[]]>([
    [{}, [['name', 'required', undefined]]],
    [{ name: 'abcd' }, [['name', 'maxLength', 'abcd']]],
    [{ name: 'a', other: 1 }, [['other', 'additionalProperties', undefined]]],
    [{ name: 'a', tags: { b: 'long' } }, [['tags.b', 'maxLength', 'long']]],
    [{ name: 'a', tags: { B: 'b' } }, [['tags.B', 'pattern', 'b']]],
    [{ name: 'a', list: [{ at: 1 }, { at: 1.5 }] }, [['list.1.at', 'type', '1.5']]],
    [{ name: { deep: true } }, [['name', 'type', undefined]]],
    [null, [['', 'type', undefined]]],
    [[], [['', 'type', undefined]]],
    [JSON.parse('{"name":"a","__proto__":1}'), [['__proto__', 'additionalProperties', undefined]]],
  ])('%j', (value, expected) => expect(faults(value)).toEqual(expected));

  it('names the words of an enum, not that it may be null', () => {
    const word = Type.Unsafe<string | null>({ enum: ['in', 'out', null] });
    const checked = compileCheck(word)('up');
    expect(checked).toMatchObject({ faults: [{ message: 'must be one of in, out' }] });
    const either = Type.Unsafe<string | number>({ enum: ['1', '4.1', 1, 4.1] });
    const refused = compileCheck(either)('5');
    expect(refused).toMatchObject({ faults: [{ message: 'must be one of 1, 4.1' }] });
  });

  it('cuts a long value', () => {
    const [first] = faults({ name: 'x'.repeat(5000) });
    expect(first).toEqual(['name', 'maxLength', 'x'.repeat(100)]);
  });
});
