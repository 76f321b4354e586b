/** A booking of the hub's own API → what the store is asked to book. Pure; throws `Problem`. */
import { describeReference, referenceKey } from '../../events/identifiers.ts';
import { invalid } from '../../events/problem.ts';
import { CUSTOMS_FLAGS, FREIGHT_FAMILIES } from '../../events/types.ts';
import { present } from '../../lib/present.ts';
import type { PutUnit } from '../hub-port.ts';
import type { Warning } from './decode-event.ts';
import { ownerOf, wordOf } from './decode-words.ts';
import type { BookedDetails, UnitBody } from './schemas/units.ts';

export interface DecodedUnit {
  readonly given: PutUnit;
  readonly warnings: readonly Warning[];
}

export function decodeUnit(body: UnitBody, organization: string | undefined): DecodedUnit {
  const { reference, documents } = body;
  const parties = body.parties?.map(({ organization: id, role }, at) => {
    // The owner's own entry: a party by that name would pass for it.
    if (role === 'owner') throw invalid(`parties.${at}.role`, 'owner is not a role to give', 'not');
    return { organization: id.toLowerCase(), role };
  });
  const freightFamily = wordOf('freightFamily', body.freightFamily, FREIGHT_FAMILIES);
  const customsFlag = wordOf('customsFlag', body.customsFlag, CUSTOMS_FLAGS);
  if (freightFamily === undefined) throw invalid('freightFamily', 'is required', 'required');
  const owner = ownerOf(body.organization, organization);
  const outer = { reference, freightFamily, ...present({ spi: body.spi, customsFlag }) };
  const { details, names, warnings } = decodeDetails(body.details ?? undefined, outer);
  const given = {
    ...names,
    ...outer,
    ...present({ organization: owner, documents, parties, details }),
  };
  return { given, warnings: [...referenceWarnings(reference), ...warnings] };
}

/** A failed check digit is never a refusal: partners' own samples fail. */
function referenceWarnings(reference: string): Warning[] {
  const { kind, checkDigit } = describeReference(reference);
  if (checkDigit !== 'fail') return [];
  return [{ path: 'reference', message: `looks like a ${kind} number, but its check digit fails` }];
}

type Outer = Pick<PutUnit, 'reference' | 'spi' | 'freightFamily' | 'customsFlag'>;

/**
 * `details` may be the port community's handling unit as it is published. What it repeats of the
 * booking must agree with it and is not kept twice; its events are not bookings.
 */
function decodeDetails(given: BookedDetails | undefined, outer: Outer) {
  if (given === undefined) return { details: undefined, names: {}, warnings: [] };
  const { reference, pswId, freightFamily, customsFlag, events, ...details } = given;
  const family = wordOf('details.freightFamily', freightFamily, FREIGHT_FAMILIES);
  const flag = wordOf('details.customsFlag', customsFlag, CUSTOMS_FLAGS);
  agree('reference', maybeKey(reference ?? undefined), referenceKey(outer.reference));
  agree('pswId', pswId ?? undefined, outer.spi);
  agree('freightFamily', family, outer.freightFamily);
  agree('customsFlag', flag, outer.customsFlag);
  const message = 'are not registered by a booking: send them to POST /hub/v1/events';
  const hasEvents = events !== undefined && events !== null && events.length > 0;
  return {
    details,
    names: present({ spi: pswId, customsFlag: flag }),
    warnings: hasEvents ? [{ path: 'details.events', message }] : [],
  };
}

function maybeKey(reference: string | undefined): string | undefined {
  return reference === undefined ? undefined : referenceKey(reference);
}

function agree(member: string, inner: string | undefined, outer: string | undefined): void {
  if (inner === undefined || outer === undefined || inner === outer) return;
  throw invalid(`details.${member}`, 'is not what the booking itself says', 'agree');
}
