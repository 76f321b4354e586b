/** The part of the hub's port that says one event in every dialect, and what each leaves out. */
import type { RecordedEvent } from '../events/event.ts';
import { CANONICAL_FIELDS, type CanonicalField, fieldOf } from '../events/fields.ts';
import type { Dialect, Vocabulary } from './dialect.ts';
import type { Rendering, Said } from './rendering.ts';

export interface RenderingsPort {
  /** In the order of dialects and of their forms. Pure: sends nothing, reads nothing. */
  readonly of: (event: RecordedEvent) => readonly RenderedEvent[];
}

export interface RenderedEvent {
  readonly dialect: string;
  readonly form: string;
  /** Null where the form does not say this event; then `reason` tells why, and the lists are empty. */
  readonly body: unknown;
  readonly reason?: string;
  /** Fields that the event has and the form does not say. */
  readonly dropped: readonly FieldNote[];
  /** Fields that the event lacks, where the form says something all the same. */
  readonly defaulted: readonly FieldNote[];
  /** Fields that the event has and that are said with a loss. */
  readonly approximated: readonly FieldNote[];
}

export interface FieldNote {
  readonly field: CanonicalField;
  readonly why: string;
  /** Where it is said. */
  readonly as?: string;
}

export function createRenderings(
  dialects: ReadonlyMap<string, Dialect>,
  vocabularyOf: (dialect: string) => Vocabulary,
): RenderingsPort {
  return {
    of: (event) =>
      [...dialects.values()].flatMap(({ name, renderings }) =>
        renderings.map((rendering) => ({
          dialect: name,
          form: rendering.form,
          ...render(rendering, event, vocabularyOf(name)),
        })),
      ),
  };
}

type Rendered = Omit<RenderedEvent, 'dialect' | 'form'>;

function render({ say, fields }: Rendering, event: RecordedEvent, words: Vocabulary): Rendered {
  const said = say(event, words);
  if ('unsaid' in said) {
    return { body: null, reason: said.unsaid, dropped: [], defaulted: [], approximated: [] };
  }
  const notes = (how: Said['how']): FieldNote[] =>
    CANONICAL_FIELDS.flatMap((field) => {
      const rule = fields[field];
      return rule.how === how && applies(rule, event, field) ? [noteOf(field, rule)] : [];
    });
  return {
    body: said.body,
    dropped: notes('dropped'),
    defaulted: notes('defaulted'),
    approximated: notes('approximated'),
  };
}

function applies(rule: Said, event: RecordedEvent, field: CanonicalField): boolean {
  const isThere = fieldOf(event, field) !== undefined;
  if (rule.how === 'defaulted') return !isThere;
  return isThere && (rule.how !== 'approximated' || (rule.when?.(event) ?? true));
}

function noteOf(field: CanonicalField, rule: Said): FieldNote {
  const why = rule.how === 'kept' ? '' : rule.why;
  const as = rule.how === 'dropped' ? undefined : rule.as;
  return { field, why, ...(as === undefined ? {} : { as }) };
}
