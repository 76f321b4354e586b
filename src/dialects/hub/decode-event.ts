/** One event of the hub's own API → a canonical event, or what is wrong with it. Pure. */
import type { EventDraft, EventSource, Place, UnitSelector } from '../../events/event.ts';
import type { Issue } from '../../events/problem.ts';
import { parseInstant } from '../../events/time.ts';
import { compileCheck } from '../../lib/check.ts';
import { mayHoldBadText } from '../../lib/json.ts';
import { presentAny } from '../../lib/present.ts';
import { findBadTextDeep } from '../../lib/text.ts';
import type { Vocabulary } from '../dialect.ts';
import { entryOf } from '../hub-port.ts';
import { EventBody } from './schemas/events.ts';

export interface Warning {
  readonly path: string;
  readonly message: string;
}

export type DecodedEvent =
  | { readonly ok: true; readonly draft: EventDraft; readonly warnings: readonly Warning[] }
  | {
      readonly ok: false;
      readonly code: 'invalid-input' | 'forbidden';
      /** At least one; the first one is told in the result of a batch. */
      readonly issues: readonly [Issue, ...Issue[]];
    };

export interface ReceivedEvent {
  readonly event: unknown;
  /** The text of this event alone, as received. */
  readonly received: string;
  /** Organization of the token; undefined for the operator, who may speak for all. */
  readonly organization: string | undefined;
  /** The canonical words with those that operators added. */
  readonly vocabulary: Vocabulary;
}

/** Words for UN/ECE Recommendation 19; each code's own name and what people call it. */
const modes: Readonly<Record<string, number>> = {
  maritime: 1,
  vessel: 1,
  sea: 1,
  rail: 2,
  road: 3,
  truck: 3,
  air: 4,
  mail: 5,
  multimodal: 6,
  pipeline: 7,
  'fixed-installation': 7,
  'inland-water': 8,
  barge: 8,
  'not-applicable': 9,
};

const check = compileCheck(EventBody);
const none: readonly Warning[] = [];

/** Never throws for anything that JSON can hold. */
export function decodeEvent(given: ReceivedEvent): DecodedEvent {
  const { event, received, organization, vocabulary } = given;
  const bad = badTextOf(event, received);
  if (bad !== undefined) return refuse([bad]);
  const checked = check(event);
  if (!checked.ok) return refuse(checked.faults);
  const body = checked.value;
  const fault = faultOf(body);
  if (fault !== undefined) return refuse([fault]);
  const occurredAt = parseInstant(body.occurredAt);
  if (!occurredAt.ok) {
    return refuse([{ path: 'occurredAt', message: occurredAt.message, rule: occurredAt.code }]);
  }
  const speaker = body.organization?.toLowerCase();
  if (organization !== undefined && speaker !== undefined && speaker !== organization) {
    const message = 'is not your organization';
    return { ok: false, code: 'forbidden', issues: [{ path: 'organization', message }] };
  }
  const entry = entryOf(vocabulary, body.type);
  const source: EventSource =
    speaker === undefined
      ? { dialect: 'hub', code: body.type }
      : { dialect: 'hub', code: body.type, organization: speaker };
  const draft: Draft = {
    unit: unitOf(body),
    type: entry?.type ?? 'other',
    classifier: body.classifier ?? entry?.classifier ?? 'actual',
    occurredAt: occurredAt.value,
    source,
    received,
  };
  addWords(draft, body);
  addFacts(draft, body);
  return { ok: true, draft, warnings: entry === undefined ? [unknownType(body)] : none };
}

function refuse(issues: readonly Issue[]): DecodedEvent {
  const [first = { path: '', message: 'is not an event' }, ...others] = issues;
  return { ok: false, code: 'invalid-input', issues: [first, ...others] };
}

/** Before anything else, since a fault may repeat the name of a member. */
function badTextOf(event: unknown, received: string): Issue | undefined {
  // Looking through every value would cost each event; its text tells most of them clean.
  if (received !== '' && !mayHoldBadText(received)) return undefined;
  const bad = findBadTextDeep(event);
  if (bad === undefined) return undefined;
  return {
    path: bad.path.join('.'),
    message: `holds a ${bad.problem.replace('-', ' ')}`,
    rule: 'text',
  };
}

/** What a schema cannot say of one member by itself. */
function faultOf({ unit, place, mode, replaces, retracts }: EventBody): Issue | undefined {
  if ((unit.id ?? unit.reference ?? unit.spi ?? undefined) === undefined) {
    return { path: 'unit', message: 'needs a reference, an spi or an id', rule: 'required' };
  }
  const latitude = place?.latitude ?? undefined;
  if ((latitude === undefined) !== ((place?.longitude ?? undefined) === undefined)) {
    const path = latitude === undefined ? 'place.latitude' : 'place.longitude';
    return { path, message: 'latitude and longitude come together', rule: 'required' };
  }
  if (typeof mode === 'string' && modeOf(mode) === undefined) {
    const message = `is a number from 0 to 99 or one of ${Object.keys(modes).join(', ')}`;
    return { path: 'mode', message, rule: 'enum', value: mode };
  }
  if ((replaces ?? undefined) !== undefined && (retracts ?? undefined) !== undefined) {
    return { path: 'retracts', message: 'is not possible together with replaces', rule: 'not' };
  }
  return undefined;
}

/*
 * Member by member: this runs for every event, and an object that is put together from a list of names
 * costs several times as much.
 */
type Draft = { -readonly [Member in keyof EventDraft]: EventDraft[Member] };
type Selector = { -readonly [Member in keyof UnitSelector]: UnitSelector[Member] };

function unitOf({ unit: { id, reference, spi } }: EventBody): UnitSelector {
  const unit: Selector = {};
  if (isTold(id)) unit.id = id.toLowerCase();
  if (isTold(reference)) unit.reference = reference;
  if (isTold(spi)) unit.spi = spi;
  return unit;
}

function isTold<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

function addWords(draft: Draft, body: EventBody): void {
  const mode = modeOf(body.mode);
  if (mode !== undefined) draft.mode = mode;
  if (isTold(body.direction)) draft.direction = body.direction;
  if (isTold(body.way)) draft.way = body.way;
  if (isTold(body.message)) draft.message = body.message;
  if (isTold(body.additionalInfo)) draft.additionalInfo = body.additionalInfo;
  if (isTold(body.channel)) draft.channel = body.channel;
}

function addFacts(draft: Draft, body: EventBody): void {
  const place: Place | undefined = isTold(body.place) ? presentAny(body.place) : undefined;
  if (place !== undefined) draft.place = place;
  const vehicle = isTold(body.vehicle) ? presentAny(body.vehicle) : undefined;
  if (vehicle !== undefined) draft.vehicle = vehicle;
  if (isTold(body.full)) draft.full = body.full;
  if (isTold(body.documents)) draft.documents = body.documents;
  if (isTold(body.codes)) draft.codes = body.codes;
  if (isTold(body.replaces)) draft.replaces = body.replaces.toLowerCase();
  if (isTold(body.retracts)) draft.retracts = body.retracts.toLowerCase();
}

function modeOf(mode: EventBody['mode']): number | undefined {
  if (typeof mode === 'number') return mode;
  const word = mode?.toLowerCase() ?? '';
  return Object.hasOwn(modes, word) ? modes[word] : undefined;
}

function unknownType({ type }: EventBody): Warning {
  return { path: 'type', message: `${type} is no type of the hub; recorded as other` };
}
