/** Documents on PostgreSQL: one number per owner, and nothing for those who are no party. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createStoreBench,
  memberOf,
  operator,
  refusal,
  type StoreBench,
  timeOf,
  unknownId,
} from '../../../test/support/store.ts';
import type { DocumentsPort, NewDocument } from '../../dialects/hub-port.ts';
import type { HubDocument } from '../../events/document.ts';
import { bucketOf } from '../../events/identifiers.ts';
import { bucketOfId } from '../../lib/id.ts';
import { createDocuments } from './index.ts';

let bench: StoreBench;
let documents: DocumentsPort;
let shipper: string;
let carrier: string;
let stranger: string;

beforeAll(async () => {
  bench = await createStoreBench();
  documents = createDocuments(bench);
  [shipper, carrier, stranger] = await Promise.all([
    bench.organization('The shipper'),
    bench.organization('The carrier'),
    bench.organization('A stranger'),
  ]);
});
afterAll(() => bench.drop());

let numbers = 0;
function orderOf(more: Partial<NewDocument> = {}): NewDocument {
  numbers += 1;
  const number = `EN/15022021/${numbers}`;
  return { type: 'order', number, dialect: 'd', parties: [], stops: [], body: '{}', ...more };
}

describe('a document', () => {
  it('comes back as it was given, to the last digit', async () => {
    const from = timeOf('2017-02-20T09:09:09+01:00');
    const given = orderOf({
      parties: [
        { organization: carrier, role: 'carrier' },
        { organization: carrier, role: 'payer' },
      ],
      stops: [
        {
          kind: 'loaded',
          place: { name: 'Berlin', latitude: 23.256789, longitude: 90 },
          window: { day: '2017-02-20', fromText: '09:09:09+01:00', from },
        },
      ],
      body: '{ "value" : 12.50,"long":123456789012345678901234567890.10, "value":1e2 }',
    });
    const made = await documents.create(memberOf(shipper), given);
    expect(made).toEqual({
      ...given,
      id: made.id,
      organization: shipper,
      organizationName: 'The shipper',
      createdAtMs: bench.nowMs(),
    });
    expect(bucketOfId(made.id)).toBe(bucketOf(given.number));
    expect(await documents.get(memberOf(shipper), made.id)).toEqual(made);
  });

  it('is there for its owner, its parties and the operator, and for nobody else', async () => {
    const parties = [{ organization: carrier.toUpperCase(), role: 'carrier' }];
    const { id } = await documents.create(memberOf(shipper), orderOf({ parties }));
    const seenBy = async (principal: typeof operator) =>
      (await documents.get(principal, id)) !== undefined;
    expect(await seenBy(memberOf(shipper))).toBe(true);
    expect(await seenBy(memberOf(carrier))).toBe(true);
    expect(await seenBy(operator)).toBe(true);
    expect(await seenBy(memberOf(stranger))).toBe(false);
    expect(await documents.get(memberOf(shipper), unknownId())).toBeUndefined();
    expect(await documents.get(memberOf(shipper), 'no id')).toBeUndefined();
  });

  it('names only organizations that are there', async () => {
    const parties = [
      { organization: carrier, role: 'carrier' },
      { organization: unknownId(), role: 'payer' },
      { organization: unknownId(), role: 'carrier' },
    ];
    const work = documents.create(memberOf(shipper), orderOf({ parties }));
    expect(await refusal(work)).toEqual({
      code: 'invalid-input',
      paths: ['parties.1.organization', 'parties.2.organization'],
    });
  });
});

describe('its number', () => {
  it('is unique within the owner and not beyond', async () => {
    const given = orderOf();
    await documents.create(memberOf(shipper), given);
    const again = documents.create(memberOf(shipper), given);
    expect(await refusal(again)).toEqual({ code: 'conflict', paths: ['number'] });
    await documents.create(memberOf(carrier), given);
    await documents.create(memberOf(shipper), { ...given, type: 'booking' });
  });

  it('is given once when many ask at once, in one process and in several', async () => {
    const processes = [documents, createDocuments(bench), createDocuments(bench)];
    for (let round = 0; round < 10; round++) {
      const given = orderOf();
      const asked = Array.from({ length: 30 }, (_none, at) =>
        processes[at % processes.length]?.create(memberOf(shipper), { ...given, body: `${at}` }),
      );
      const settled = await Promise.allSettled(asked);
      const made = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(made).toHaveLength(1);
      for (const one of settled) {
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'conflict' });
      }
      const kept = await documents.get(memberOf(shipper), made[0]?.id ?? '');
      expect(kept).toEqual(made[0]);
    }
  });

  it('finds what one may see, one’s own first', async () => {
    const given = orderOf();
    const theirs = await documents.create(memberOf(carrier), {
      ...given,
      parties: [{ organization: shipper, role: 'payer' }],
    });
    const own = await documents.create(memberOf(shipper), given);
    const found = async (organization: string) =>
      idsOf(await documents.find(memberOf(organization), given));
    expect(await found(shipper)).toEqual([own.id, theirs.id]);
    expect(await found(carrier)).toEqual([theirs.id]);
    expect(await found(stranger)).toEqual([]);
    expect(idsOf(await documents.find(operator, given))).toHaveLength(2);
  });
});

function idsOf(found: readonly HubDocument[]): string[] {
  return found.map(({ id }) => id);
}
