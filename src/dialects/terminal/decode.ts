/** What subscribers send → the hub's words. Pure. */
import type { DocumentReference } from '../../events/event.ts';
import { Problem } from '../../events/problem.ts';
import { queryInstantMs } from '../../events/query-instant.ts';
import type { HandlingUnit } from '../../events/unit.ts';
import { present } from '../../lib/present.ts';
import type { NewSubscription } from '../hub-port.ts';
import { DIALECT } from './names.ts';
import type { TerminalOptions } from './options.ts';
import { CALLBACK_CHARS_MAX, normalCallback } from './push-address.ts';
import type { CreationQuery, NewEventSubscription } from './schemas.ts';

/** A checked request: at least one of the two documents is there. */
export interface WantedSubscription {
  readonly callbackUrl: string;
  readonly equipmentReference: string;
  readonly bookingReference?: string;
  readonly transportDocumentID?: string;
  readonly sinceMs?: number;
}

/** Throws `invalid-input` with every fault that the schema cannot see; one of the query is alone. */
export function decodeSubscription(
  body: NewEventSubscription,
  query: CreationQuery = {},
): WantedSubscription {
  const sinceMs = queryInstantMs('since', query.since);
  const { callbackUrl, equipmentReference } = body;
  const bookingReference = given(body.bookingReference);
  const transportDocumentID = given(body.transportDocumentID);
  const type = given(body.transportDocumentType);
  const faults = [
    callbackFault(callbackUrl),
    documentsFault(bookingReference, transportDocumentID),
    typeFault(type, transportDocumentID),
  ].filter((fault) => fault !== undefined);
  if (faults.length > 0) throw refused(faults);
  const rest = present({ bookingReference, transportDocumentID, sinceMs });
  return { callbackUrl, equipmentReference, ...rest };
}

/** The published samples send the text "null"; the empty text counts as nothing too (ours). */
function given(text: string | null | undefined): string | undefined {
  return text === null || text === '' || text === 'null' ? undefined : text;
}

interface FieldFault {
  readonly path: string;
  readonly message: string;
  readonly rule: string;
}

function callbackFault(callbackUrl: string): FieldFault | undefined {
  const path = 'callbackUrl';
  if (!URL.canParse(callbackUrl) || !/^https?:\/\//i.test(callbackUrl)) {
    return { path, message: 'must be an absolute http or https URL', rule: 'format' };
  }
  // A fragment is never sent, so whoever gives one expects something that cannot be.
  if (callbackUrl.includes('#')) {
    return { path, message: 'must not hold a fragment', rule: 'format' };
  }
  if (normalCallback(callbackUrl).length > CALLBACK_CHARS_MAX) {
    const message = `must not be longer than ${CALLBACK_CHARS_MAX} characters once encoded`;
    return { path, message, rule: 'maxLength' };
  }
  return undefined;
}

function documentsFault(
  bookingReference: string | undefined,
  transportDocumentID: string | undefined,
): FieldFault | undefined {
  if (bookingReference !== undefined || transportDocumentID !== undefined) return undefined;
  const message = 'is required when transportDocumentID is null';
  return { path: 'bookingReference', message, rule: 'required' };
}

function typeFault(
  type: string | undefined,
  transportDocumentID: string | undefined,
): FieldFault | undefined {
  const path = 'transportDocumentType';
  if (transportDocumentID === undefined) {
    if (type === undefined) return undefined;
    return { path, message: 'has no meaning without transportDocumentID', rule: 'dependent' };
  }
  if (type === 'BOL') return undefined;
  if (type === undefined) {
    return { path, message: 'is required when transportDocumentID is set', rule: 'required' };
  }
  return { path, message: 'must be BOL, the only value supported', rule: 'enum' };
}

function refused(issues: readonly FieldFault[]): Problem {
  const text = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
  return new Problem('invalid-input', text, { issues });
}

/* ---- the container ---------------------------------------------------------------------------- */

/**
 * The passage meant: the newest one, among those of the reference, that travels under every
 * document given. Throws `invalid-input` naming the documents; the answer is the same for an
 * unknown container, for one that the caller may not see, and for a document of another one.
 */
export function chooseUnit(
  units: readonly HandlingUnit[],
  wanted: WantedSubscription,
): HandlingUnit {
  const documents = documentsOf(wanted);
  const fitting = units.filter(
    (unit) =>
      unit.freightFamily === 'Container' && documents.every((one) => travelsUnder(unit, one)),
  );
  const [unit] = fitting.sort((left, right) => (left.id < right.id ? 1 : -1));
  if (unit !== undefined) return unit;
  const message = 'is not known to be associated with this container';
  const { bookingReference, transportDocumentID } = wanted;
  const fields = Object.keys(present({ bookingReference, transportDocumentID }));
  throw refused(fields.map((path) => ({ path, message, rule: 'associated' })));
}

function documentsOf(wanted: WantedSubscription): DocumentReference[] {
  const { bookingReference, transportDocumentID } = wanted;
  const documents: DocumentReference[] = [];
  if (bookingReference !== undefined) {
    documents.push({ type: 'booking', reference: bookingReference });
  }
  if (transportDocumentID !== undefined) {
    documents.push({ type: 'billOfLading', reference: transportDocumentID });
  }
  return documents;
}

function travelsUnder(unit: HandlingUnit, document: DocumentReference): boolean {
  return unit.documents.some(
    ({ type, reference }) => type === document.type && reference === document.reference,
  );
}

/** How the unit is looked up: by its number and one of the documents. */
export function unitQuery(wanted: WantedSubscription): { reference: string; document: string } {
  return {
    reference: wanted.equipmentReference,
    document: wanted.bookingReference ?? wanted.transportDocumentID ?? '',
  };
}

/** What the dialect remembers of a subscription; the unit is also there for past events. */
export type TerminalSettings = Omit<WantedSubscription, 'callbackUrl' | 'sinceMs'> & {
  readonly unit: string;
};

/** The subscription, bound to one passage of the container. */
export function newSubscription(
  wanted: WantedSubscription,
  unit: HandlingUnit,
  { expiryMs }: TerminalOptions,
): NewSubscription {
  const { callbackUrl, sinceMs, ...references } = wanted;
  const { bookingReference = null, transportDocumentID = null } = references;
  const settings: TerminalSettings = { ...references, unit: unit.id };
  return {
    dialect: DIALECT,
    url: callbackUrl,
    filter: { unit: unit.id },
    settings,
    ...present({ sinceMs }),
    // Spellings of one container or of one address mean the same subscription. The past is no part
    // of it: a request that is sent again must not make a second one.
    sameAs: JSON.stringify([
      unit.id,
      bookingReference,
      transportDocumentID,
      normalCallback(callbackUrl),
    ]),
    endsAfterLeaving: { unit: unit.id, afterMs: expiryMs },
  };
}
