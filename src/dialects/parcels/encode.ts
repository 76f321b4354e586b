/** What the hub answers → the bodies of the parcel network's calls. Pure. */
import type { RecordResult } from '../hub-port.ts';
import type { Registration } from './schemas.ts';

export interface RegisteredBody {
  readonly eventId: string;
  readonly trackingReference: string;
  readonly duplicate: boolean;
}

/** The network documents only the status 200; the body is ours. */
export function encodeRegistered(
  body: Pick<Registration, 'trackingReference'>,
  result: Exclude<RecordResult, { status: 'rejected' }>,
): RegisteredBody {
  return {
    eventId: result.id,
    trackingReference: body.trackingReference,
    duplicate: result.status === 'duplicate',
  };
}
