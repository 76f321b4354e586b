/**
 * What one endpoint has received, and everything that is wrong with it: a push twice, a gap in its
 * sequence, an event of a unit before an older one of that unit, a false signature. Pure.
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** How often each fault was seen; all 0 is what a row asks for. */
export interface Faults {
  readonly repeated: number;
  readonly missing: number;
  readonly outOfOrder: number;
  readonly wronglySigned: number;
  readonly unreadable: number;
}

export interface Push {
  readonly head: string;
  /** One character per byte. */
  readonly body: string;
}

export interface Ledger {
  readonly expectSecret: (secret: string) => void;
  /** Takes down a push that is answered with success; the number of its event, -1 for none. */
  readonly accept: (push: Push) => number;
  readonly accepted: () => number;
  readonly faults: () => Faults;
}

/** To check each signature would cost as much as all the rest of the receiver. */
const pushesPerCheck = 16;
const sequenceMark = '{"sequence":';
const numberMark = '"message":"bench ';
const unitMark = '"unit":{"id":"';
const uuidCharacters = 36;

export function headerOf(head: string, name: string): string {
  const from = head.indexOf(`${name}: `);
  if (from < 0) return '';
  const end = head.indexOf('\r\n', from);
  return head.slice(from + name.length + 2, end < 0 ? undefined : end);
}

/** Standard Webhooks, version 1: HMAC-SHA256 over id, timestamp and body, one of several may fit. */
function isSigned({ head, body }: Push, key: KeyObject): boolean {
  const signed = `${headerOf(head, 'webhook-id')}.${headerOf(head, 'webhook-timestamp')}.${body}`;
  const expected = createHmac('sha256', key).update(signed, 'latin1').digest('base64');
  return headerOf(head, 'webhook-signature').split(' ').includes(`v1,${expected}`);
}

function numberBehind(body: string, mark: string): number {
  const from = body.indexOf(mark);
  return from < 0 ? Number.NaN : Number.parseInt(body.slice(from + mark.length, from + 40), 10);
}

export function createLedger(): Ledger {
  const newestOfUnit = new Map<string, number>();
  /** By sequence, 1 where received. */
  let seen = new Uint8Array(1024);
  let highest = 0;
  let distinct = 0;
  let accepted = 0;
  let key: KeyObject | undefined;
  const counts = { repeated: 0, outOfOrder: 0, wronglySigned: 0, unreadable: 0 };

  const note = (sequence: number) => {
    if (sequence >= seen.length) {
      const longer = new Uint8Array(Math.max(seen.length * 2, sequence + 1));
      longer.set(seen);
      seen = longer;
    }
    if (seen[sequence] === 1) counts.repeated += 1;
    else distinct += 1;
    seen[sequence] = 1;
    highest = Math.max(highest, sequence);
  };
  const noteOrder = (body: string, sequence: number) => {
    const from = body.lastIndexOf(unitMark) + unitMark.length;
    const unit = body.slice(from, from + uuidCharacters);
    if (sequence < (newestOfUnit.get(unit) ?? 0)) counts.outOfOrder += 1;
    else newestOfUnit.set(unit, sequence);
  };

  return {
    expectSecret(secret) {
      key = createSecretKey(Buffer.from(secret.slice('whsec_'.length), 'base64'));
    },
    accept(push) {
      const { body } = push;
      accepted += 1;
      const isChecked = key !== undefined && accepted % pushesPerCheck === 1;
      if (isChecked && key !== undefined && !isSigned(push, key)) counts.wronglySigned += 1;
      const sequence = numberBehind(body, sequenceMark);
      const number = numberBehind(body, numberMark);
      if (!(sequence > 0 && number >= 0)) {
        counts.unreadable += 1;
        return -1;
      }
      note(sequence);
      noteOrder(body, sequence);
      return number;
    },
    accepted: () => accepted,
    faults: () => ({ ...counts, missing: highest - distinct }),
  };
}
