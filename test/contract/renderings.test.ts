/**
 * What each dialect says of itself is true: for random events, changing a member that it drops never
 * changes what it says, and changing one that it keeps always does.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Said } from '../../src/dialects/dialect.ts';
import { discoverDialects } from '../../src/dialects/discover.ts';
import { createRenderings } from '../../src/dialects/port-renderings.ts';
import type { RecordedEvent } from '../../src/events/event.ts';
import { CANONICAL_FIELDS, type CanonicalField, fieldOf } from '../../src/events/fields.ts';
import { anyDonor, anyEvent, changed } from '../support/events.ts';

const dialects = await discoverDialects();
const codes = Object.fromEntries(
  [...dialects].map(([name, { vocabulary }]) => [name, Object.keys(vocabulary.codes)]),
);
const numRuns = 1_000;
/** So many events at least must be said, or the runs prove little. */
const saidMin = numRuns / 25;

const forms = [...dialects.values()].flatMap(({ name, renderings, vocabulary }) =>
  renderings.map((rendering) => ({ name: `${name}: ${rendering.form}`, rendering, vocabulary })),
);

/** Whether a change of this field has to show. */
function mustShow(rule: Said, before: RecordedEvent, after: RecordedEvent): boolean {
  if (rule.how === 'kept' || rule.how === 'defaulted') return true;
  if (rule.how === 'dropped' || rule.when === undefined) return false;
  return !rule.when(before) && !rule.when(after);
}

describe.each(forms)('$name', ({ rendering, vocabulary }) => {
  /** What is said, as text; undefined where nothing is. */
  function said(event: RecordedEvent): string | undefined {
    const utterance = rendering.say(event, vocabulary);
    return 'body' in utterance ? JSON.stringify(utterance.body) : undefined;
  }

  it('says what it declares, for every field of random events', () => {
    const shown = new Map<CanonicalField, number>();
    let saidCount = 0;
    fc.assert(
      fc.property(anyEvent(codes), anyDonor(codes), (event, donor) => {
        const before = said(event);
        if (before !== undefined) saidCount += 1;
        for (const field of CANONICAL_FIELDS) {
          const other = changed(event, field, donor);
          const after = other && said(other);
          if (other === undefined || (before === undefined && after === undefined)) continue;
          const rule = rendering.fields[field];
          const has = fieldOf(event, field) !== undefined;
          if (after !== before) shown.set(field, (shown.get(field) ?? 0) + 1);
          if (rule.how === 'dropped') expect([field, after]).toEqual([field, before]);
          else if (has && mustShow(rule, event, other)) {
            expect([field, after]).not.toEqual([field, before]);
          }
        }
      }),
      { numRuns },
    );
    expect(saidCount).toBeGreaterThan(saidMin);
    const silent = CANONICAL_FIELDS.filter(
      (field) => rendering.fields[field].how !== 'dropped' && !shown.has(field),
    );
    expect(silent, 'these are dropped in truth').toEqual([]);
  });

  it('gives a reason in words wherever something is lost', () => {
    for (const field of CANONICAL_FIELDS) {
      const rule = rendering.fields[field];
      expect(rule.how === 'kept' ? rule.as : rule.why).toMatch(/\S/);
    }
  });

  it('says nothing of an event without a reason', () => {
    fc.assert(
      fc.property(anyEvent(codes), (event) => {
        const utterance = rendering.say(event, vocabulary);
        if ('unsaid' in utterance) expect(utterance.unsaid).toMatch(/\S/);
        else expect(utterance.body).toBeTypeOf('object');
      }),
    );
  });
});

describe('the renderings of an event', () => {
  const renderings = createRenderings(dialects, (name) => {
    const dialect = dialects.get(name);
    if (dialect === undefined) throw new Error(`asked for the words of ${name}`);
    return dialect.vocabulary;
  });

  it('are one per form, and tell only of fields that are in question', () => {
    fc.assert(
      fc.property(anyEvent(codes), (event) => {
        const rendered = renderings.of(event);
        expect(rendered.map(({ dialect, form }) => `${dialect}: ${form}`)).toEqual(
          forms.map(({ name }) => name),
        );
        for (const { body, reason, dropped, defaulted, approximated } of rendered) {
          expect(body === null).toBe(reason !== undefined);
          const has = ({ field }: { field: CanonicalField }) => fieldOf(event, field) !== undefined;
          expect([...dropped, ...approximated].every(has)).toBe(true);
          expect(defaulted.some(has)).toBe(false);
        }
      }),
      { numRuns: 100 },
    );
  });
});
