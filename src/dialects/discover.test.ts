// Options of dialects, and which dialects cannot say an event, with dialects of the test's own.
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../events/event.ts';
import { invalid } from '../events/problem.ts';
import { type Dialect, unsaidIn } from './dialect.ts';
import { configureDialects, faultOf } from './discover.ts';
import { dialect as hub } from './hub/index.ts';

const plain = (name: string, more: Partial<Dialect> = {}): Dialect => ({
  ...hub,
  name,
  ...more,
});
const mapOf = (...dialects: Dialect[]) => new Map(dialects.map((each) => [each.name, each]));

describe('configureDialects', () => {
  const configure = (options: unknown): Dialect => {
    if (typeof options !== 'number') throw invalid('days', 'must be a number');
    return plain('choosy', { prefixes: [`/${options}`] });
  };
  const dialects = mapOf(plain('plain'), plain('choosy', { configure }));

  it('leaves all as they are without options', () => {
    expect([...configureDialects(dialects, {})]).toEqual([...dialects]);
  });

  it('gives each the options under its name', () => {
    const configured = configureDialects(dialects, { choosy: 5 });
    expect(configured.get('choosy')?.prefixes).toEqual(['/5']);
    expect(configured.get('plain')).toBe(dialects.get('plain'));
  });

  it.each([
    [{ nobody: {} }, 'there is no dialect nobody'],
    [{ plain: {} }, 'the dialect plain has no options'],
    [{ choosy: 'many' }, 'choosy: days: must be a number'],
  ])('refuses %j', (options, message) => {
    expect(() => configureDialects(dialects, options)).toThrow(message);
  });
});

describe('unsaidIn', () => {
  const event = { type: 'gated-in' } as RecordedEvent;

  it('names the dialects that say of themselves that they cannot', () => {
    const dialects = mapOf(
      plain('talks'),
      plain('can', { canPush: () => true }),
      plain('cannot', { canPush: ({ type }) => type !== 'gated-in' }),
    );
    expect(unsaidIn(dialects)(event)).toEqual(['cannot']);
    expect(unsaidIn(dialects)({ ...event, type: 'gated-out' })).toEqual([]);
  });
});

describe('faultOf', () => {
  it.each([
    ['push', 'yes'],
    ['canPush', true],
    ['configure', {}],
  ])('refuses a %s that is no function', (member, value) => {
    expect(faultOf({ ...hub, [member]: value }, 'hub')).toBe(`has a bad ${member}`);
  });

  it('refuses a dialect that is silent on what it does with an event', () => {
    const [push] = hub.renderings;
    const { id: _id, ...fields } = push?.fields ?? {};
    const silent = { ...hub, renderings: [{ ...push, fields }] };
    expect(faultOf(silent, 'hub')).toBe('does not say what its push does with id');
    expect(faultOf({ ...hub, renderings: undefined }, 'hub')).toBe('lacks renderings');
    expect(faultOf({ ...hub, renderings: [{ ...push, say: 1 }] }, 'hub')).toBe(
      'has a bad rendering',
    );
    expect(faultOf({ ...hub, renderings: [] }, 'hub')).toBeUndefined();
  });
});
