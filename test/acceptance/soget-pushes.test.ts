/** What a SOGET tracking sends, when, and when not. */
import { describe, expect, it } from 'vitest';
import { bodyOf, book, type Client, record } from '../support/client.ts';
import { track } from '../support/soget-calls.ts';
import { arrivalsUntil, useStand, verified } from '../support/stand.ts';

const stand = useStand();

/** A tracking to a path of the receiver, with the secret that its pushes are signed with. */
async function trackTo(member: Client, path: string, wish: object): Promise<string> {
  const url = `${stand.receiver.url}${path}`;
  const externalId = bodyOf(await track(stand.url, member, { url, ...wish }), 201);
  const page = await member.api.get<{ items: { id: string; externalId: string }[] }>(
    '/subscriptions?dialect=soget&limit=200',
  );
  const found = page.body.items.find((item) => item.externalId === externalId);
  expect(found).toBeDefined();
  const rotated = await member.api.send<{ secret: string }>(
    'POST',
    `/subscriptions/${found?.id}/rotate-secret`,
  );
  return bodyOf(rotated).secret;
}

interface Push {
  readonly HandlingUnit: { readonly Events: readonly { readonly [key: string]: string }[] };
}

/** What `key` says in each push that came to the path, up to the one whose `Type` is `last`. */
async function told(path: string, key: string, last: string): Promise<(string | undefined)[]> {
  const pushes = await arrivalsUntil(stand.receiver, path, (text) =>
    text.includes(`"Type":"${last}"`),
  );
  return pushes.map((push) => {
    const { HandlingUnit } = JSON.parse(push.body.toString()) as Push;
    return HandlingUnit.Events[0]?.[key];
  });
}

describe('the pushes of a tracking', () => {
  /** A carrier that owns a unit of which the customer is a party. */
  async function chain(unit: Record<string, unknown>, role = 'forwarder') {
    const [carrier, customer] = await Promise.all([
      stand.joinAsClient('Carrier'),
      stand.joinAsClient('Customer'),
    ]);
    const parties = [{ organization: customer.id, role }];
    await book(carrier.api, { freightFamily: 'Container', ...unit, parties });
    return { carrier, customer };
  }

  it('tell a gated-out that another organization registered, exactly as published', async () => {
    const reference = 'CSQU3054383';
    const spi = 'CNI0000063978';
    const { carrier, customer } = await chain({ reference, spi, customsFlag: 'Import' });
    const secret = await trackTo(customer, '/gated-out', {
      reference,
      spi,
      way: 'Import',
      place: 'MTDF',
      externalReference: 'EXT_REF',
    });
    await record(carrier.api, {
      unit: { spi },
      type: 'gated-out',
      occurredAt: '2025-08-16T01:32:00.250+02:00',
      place: { unlocode: 'FRLEH', location: 'MTDF' },
    });
    const [push] = await arrivalsUntil(stand.receiver, '/gated-out', () => true);
    expect(push?.method).toBe('POST');
    expect(push?.headers['content-type']).toMatch(/^application\/json/);
    expect(push?.body.toString()).toBe(
      JSON.stringify({
        HandlingUnit: {
          Events: [
            {
              AlertDate: '2025-08-16T01:32:00+02:00',
              AlertType: 'Creation',
              Direction: 'Import',
              Location: 'MTDF',
              State: 'Active',
              Type: 'gated-out',
            },
          ],
          FreightFamily: 'Container',
          Reference: reference,
          Spi: spi,
          ExternalReference: 'EXT_REF',
        },
      }),
    );
    if (push === undefined) throw new Error('unreachable');
    expect(verified(push, secret)).toHaveProperty('HandlingUnit.Reference', reference);
    expect(() => verified(push, `whsec_${Buffer.alloc(32).toString('base64')}`)).toThrow();
    expect(() => verified({ ...push, body: Buffer.from('{}') }, secret)).toThrow();
  });

  it('say UTC as +00:00, null for what is unknown, and leave an absent reference out', async () => {
    const { carrier, customer } = await chain({ reference: 'MSCU0000011' });
    await trackTo(customer, '/least', { reference: 'MSCU0000011' });
    const unit = { reference: 'mscu 000001 1' };
    await record(carrier.api, { unit, type: 'loaded', occurredAt: '2025-08-15T23:32:00Z' });
    const [push] = await arrivalsUntil(stand.receiver, '/least', () => true);
    expect(push?.body.toString()).toBe(
      '{"HandlingUnit":{"Events":[{"AlertDate":"2025-08-15T23:32:00+00:00","AlertType":"Creation",' +
        '"Direction":"Unknown","Location":null,"State":"Active","Type":"loaded"}],' +
        '"FreightFamily":"Container","Reference":"MSCU0000011","Spi":null}}',
    );
  });

  it('are held back and let through by way', async () => {
    const reference = 'TGHU1234567';
    const { carrier, customer } = await chain({ reference, freightFamily: 'container' });
    const events = [
      { direction: 'import' },
      { direction: 'export' },
      { direction: 'transit' },
      { direction: 'transhipment' },
      { direction: 'domestic', way: 'in' },
      { direction: 'domestic', way: 'out' },
      { direction: 'domestic' },
      { way: 'in' },
    ];
    /** By the position of the events above; every tracking gets at least one of a round. */
    const expected: Readonly<Record<string, readonly number[]>> = {
      Import: [0],
      Export: [1],
      Transit: [2],
      Transhipment: [3],
      DomesticIn: [4],
      DomesticOut: [5],
      DomesticTranshipment: [4, 5, 6],
      Unknown: [0, 1, 2, 3, 4, 5, 6, 7],
    };
    for (const way of Object.keys(expected)) {
      await trackTo(customer, `/way-${way}`, { reference, way });
    }
    // Two rounds: within a subscription and a unit nothing overtakes, so what is to come of the
    // second round proves that nothing more is to come of the first.
    for (const round of [1, 2]) {
      for (const [at, event] of events.entries()) {
        await record(carrier.api, {
          ...event,
          unit: { reference },
          type: 'shifted',
          codes: { soget: `${round}.${at}` },
          occurredAt: `2026-11-0${round}T10:0${at}:00+01:00`,
        });
      }
    }
    for (const [way, positions] of Object.entries(expected)) {
      const types = [1, 2].flatMap((round) => positions.map((at) => `${round}.${at}`));
      expect({ way, types: await told(`/way-${way}`, 'Type', `2.${positions.at(-1)}`) }).toEqual({
        way,
        types,
      });
    }
    const words = await told('/way-Unknown', 'Direction', '2.7');
    expect(words.slice(0, 8)).toEqual([
      ...['Import', 'Export', 'Transit', 'Transhipment', 'DomesticIn', 'DomesticOut'],
      ...['Unknown', 'Unknown'],
    ]);
  });

  it('follow the customs flag of the unit where the event says no direction', async () => {
    const reference = 'TGHU7654321';
    const { carrier, customer } = await chain({ reference, customsFlag: 'Export' });
    await trackTo(customer, '/flag-export', { reference, way: 'Export' });
    await trackTo(customer, '/flag-import', { reference, way: 'Import' });
    const event = { unit: { reference }, type: 'loaded' };
    await record(carrier.api, { ...event, occurredAt: '2026-11-01T10:00:00Z' });
    const last = { direction: 'import', codes: { soget: 'LAST' } };
    await record(carrier.api, { ...event, ...last, occurredAt: '2026-11-01T11:00:00Z' });
    expect(await told('/flag-import', 'Type', 'LAST')).toEqual(['LAST']);
    expect(await told('/flag-export', 'Type', 'loaded')).toEqual(['loaded']);
  });

  it('are held back and let through by place, whatever its case', async () => {
    const reference = 'HLXU1234567';
    const { carrier, customer } = await chain({ reference });
    await trackTo(customer, '/place-terminal', { reference, place: 'mtdf' });
    await trackTo(customer, '/place-port', { reference, place: 'FRLEH' });
    const places: readonly [string, object | undefined][] = [
      ['A', { unlocode: 'FRLEH', location: 'MTDF' }],
      ['B', { location: 'MTDF' }],
      ['C', { unlocode: 'FRLEH', location: 'MTNOTMS' }],
      ['D', { unlocode: 'NLRTM' }],
      ['E', undefined],
      ['F', { unlocode: 'FRLEH', location: 'MTDF' }],
    ];
    for (const [at, [soget, place]] of places.entries()) {
      await record(carrier.api, {
        unit: { reference },
        type: 'shifted',
        codes: { soget },
        ...(place && { place }),
        occurredAt: `2026-11-01T10:0${at}:00+01:00`,
      });
    }
    expect(await told('/place-terminal', 'Type', 'F')).toEqual(['A', 'B', 'F']);
    expect(await told('/place-port', 'Type', 'F')).toEqual(['A', 'C', 'F']);
    expect(await told('/place-port', 'Location', 'F')).toEqual(['MTDF', 'MTNOTMS', 'MTDF']);
  });

  it('tell what happened, not what is planned; corrections and withdrawals by their words', async () => {
    const reference = 'CAXU1234567';
    const { carrier, customer } = await chain({ reference });
    await trackTo(customer, '/lives', { reference });
    const event = { unit: { reference }, type: 'arrived' };
    const at = (hour: number) => `2026-11-01T${hour}:00:00+01:00`;
    await record(carrier.api, { ...event, classifier: 'planned', occurredAt: at(10) });
    await record(carrier.api, { ...event, classifier: 'estimated', occurredAt: at(11) });
    const first = await record(carrier.api, { ...event, occurredAt: at(12) });
    const second = await record(carrier.api, { ...event, replaces: first, occurredAt: at(13) });
    const last = { retracts: second, codes: { soget: 'LAST' } };
    await record(carrier.api, { ...event, ...last, occurredAt: at(13) });
    expect(await told('/lives', 'AlertType', 'LAST')).toEqual([
      ...['Creation', 'Modification', 'Deletion'],
    ]);
    expect(await told('/lives', 'State', 'LAST')).toEqual(['Active', 'Active', 'Inactive']);
    expect(await told('/lives', 'AlertDate', 'LAST')).toEqual([at(12), at(13), at(13)]);
  });

  it('begin when the customer becomes a party, and never tell of what went before', async () => {
    const reference = 'FSCU1234567';
    const [carrier, customer] = await Promise.all([
      stand.joinAsClient('Carrier'),
      stand.joinAsClient('Customer'),
    ]);
    const unit = { reference, freightFamily: 'Container' };
    await book(carrier.api, unit);
    await trackTo(customer, '/party', { reference });
    const event = { unit: { reference }, type: 'gated-in', occurredAt: '2026-11-01T10:00:00Z' };
    await record(carrier.api, { ...event, codes: { soget: 'HIDDEN' } });
    const parties = [{ organization: customer.id, role: 'consignee' }];
    bodyOf(await carrier.api.send('PUT', '/handling-units', { ...unit, parties }));
    await record(carrier.api, { ...event, type: 'gated-out', codes: { soget: 'LAST' } });
    expect(await told('/party', 'Type', 'LAST')).toEqual(['LAST']);
  });

  it('come for every passage of a container, or for the one that the SPI names', async () => {
    const reference = 'TCLU1234567';
    const first = 'CNI0000000101';
    const { carrier, customer } = await chain({ reference, spi: first });
    await trackTo(customer, '/every-passage', { reference });
    await trackTo(customer, '/one-passage', { reference, spi: first });
    const second = { reference, spi: 'CNI0000000102', freightFamily: 'Container' };
    const parties = [{ organization: customer.id, role: 'forwarder' }];
    await book(carrier.api, { ...second, parties });
    const event = { type: 'gated-in', occurredAt: '2026-11-01T10:00:00Z' };
    await record(carrier.api, { ...event, unit: { spi: first }, codes: { soget: 'ONE' } });
    await told('/every-passage', 'Type', 'ONE');
    await record(carrier.api, { ...event, unit: { spi: second.spi }, codes: { soget: 'TWO' } });
    expect(await told('/every-passage', 'Type', 'TWO')).toEqual(['ONE', 'TWO']);
    const later = { ...event, type: 'gated-out', codes: { soget: 'LAST' } };
    await record(carrier.api, { ...later, unit: { spi: first } });
    expect(await told('/one-passage', 'Type', 'LAST')).toEqual(['ONE', 'LAST']);
  });
});
