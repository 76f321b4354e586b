/**
 * What becomes of each member of an event in one form of a dialect, as data: shown to whoever asks
 * for an event's renderings, printed into docs/renderings.md, and proved by the contract suite.
 */
import type { RecordedEvent } from '../events/event.ts';
import type { CanonicalField } from '../events/fields.ts';
import type { Vocabulary } from './dialect.ts';

/** One way in which a dialect says an event, e.g. what it pushes or an item of a list. */
export interface Rendering {
  /** Its name within the dialect, a few plain words. */
  readonly form: string;
  /** The event as this form says it. Pure, and total: what cannot be said is said to be so. */
  readonly say: (event: RecordedEvent, vocabulary: Vocabulary) => Utterance;
  readonly fields: Readonly<Record<CanonicalField, Said>>;
}

export type Utterance =
  | { readonly body: unknown }
  /** Why this form says nothing of the event, as part of a sentence. */
  | { readonly unsaid: string };

/**
 * What a form does with a field:
 *  - `kept`: another value is always said otherwise;
 *  - `approximated`: some values are said alike, or the field only plays a part in what is said;
 *  - `defaulted`: kept, and where the event does not have it, something is said all the same;
 *  - `dropped`: whatever its value, the same is said.
 */
export type Said =
  | { readonly how: 'kept'; readonly as: string }
  | {
      readonly how: 'approximated';
      readonly why: string;
      readonly as?: string;
      /** Whether anything of this event is lost by it; absent: always. Where not, it is kept. */
      readonly when?: (event: RecordedEvent) => boolean;
    }
  | { readonly how: 'defaulted'; readonly why: string; readonly as: string }
  | { readonly how: 'dropped'; readonly why: string };

export function kept(as: string): Said {
  return { how: 'kept', as };
}

/** Words about the reason, the member that tells it, and which events lose something. */
export function approximated(
  why: string,
  as?: string,
  when?: (event: RecordedEvent) => boolean,
): Said {
  return {
    how: 'approximated',
    why,
    ...(as === undefined ? {} : { as }),
    ...(when === undefined ? {} : { when }),
  };
}

export function defaulted(why: string, as: string): Said {
  return { how: 'defaulted', why, as };
}

/** Several fields that are dropped for one reason. */
export function dropped<const F extends CanonicalField>(
  why: string,
  ...fields: readonly F[]
): Readonly<Record<F, Said>> {
  const said: Said = { how: 'dropped', why };
  return Object.fromEntries(fields.map((field) => [field, said])) as Record<F, Said>;
}
