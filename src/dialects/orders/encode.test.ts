/** What is kept → what is given back: everything that was sent, each number with its digits. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeOrder } from './encode.ts';
import { readOptions } from './options.ts';

const id = 'e674e0a3-847c-4f75-bdff-cedaf6986c7c';
const organization = '01930000-0000-7000-8000-000000000001';
const carrier = '01930000-0000-7000-8000-000000000002';
const seedText = readFileSync(new URL('published/shipping-order.txt', import.meta.url), 'utf8');
const readText = readFileSync(new URL('published/order.txt', import.meta.url), 'utf8');

type Members = Record<string, unknown>;

function encodedText(body: string, options: unknown = {}): string {
  return encodeOrder({
    document: { id, organization, organizationName: 'Shipping imperium', body },
    publicUrl: 'https://hub.example',
    options: readOptions(options),
  });
}

function encoded(body: unknown, options: unknown = {}): Members {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return JSON.parse(encodedText(text, options)) as Members;
}

const self = { href: `https://hub.example/api/rest/v1/orders/${id}` };
const stop = (locality: string, frame: object = {}) => ({
  type: 'loading',
  time_frame: frame,
  place: { address: { locality, postal_code: '1', country: 'PL' } },
});
const least = { number: '1', route: { events: [stop('A')] } };

describe('the published samples', () => {
  it('of a request: every field comes back', () => {
    expect(encoded(seedText)).toMatchObject(JSON.parse(seedText) as object);
  });

  it('of an answer: sent as an order it is given back the same, but for the leaked host', () => {
    const published = JSON.parse(readText) as { _links: object };
    expect(encoded(readText)).toEqual({ ...published, _links: { ...published._links, self } });
  });

  it('of an answer: its members come in the same order', () => {
    expect(Object.keys(encoded(readText))).toEqual(Object.keys(JSON.parse(readText) as object));
  });

  it('keep 90.000000 as it was sent', () => {
    expect(encodedText(seedText)).toContain('"longitude":90.000000');
  });
});

describe('members', () => {
  it('that nobody said are null, where a table names them', () => {
    const { shipper, route, ...others } = encoded({ ...least, carrier: { name: 'C' } });
    const nothing = { vat_id: null, address: null, contact_person: null };
    expect(shipper).toEqual({ name: 'Shipping imperium', ...nothing });
    expect(others).toEqual({
      ...{ id, number: '1', loads: null, payer: null, payment: null, driver: null, vehicle: null },
      ...{ requirements: null, carrier: { name: 'C', ...nothing }, _links: { self } },
    });
    const address = { locality: 'A', postal_code: '1', country: 'PL', street: null, number: null };
    const frame = { day: null, time_from: null, time_to: null };
    expect(route).toEqual({ events: [{ place: { address }, time_frame: frame, type: 'loading' }] });
  });

  it('that no table names come back; the hub’s own are the hub’s', () => {
    const extra = { incoterms: 'DAP', nested: { deep: [1.5, null] } };
    const body = { ...least, ...extra, id: 'mine', _links: { self: 'mine' }, _embedded: {} };
    const answer = encoded(body);
    expect(answer).toMatchObject({ ...extra, id, _links: { self } });
    expect(answer).not.toHaveProperty('_embedded');
  });

  it('keep the digits of their numbers', () => {
    const price = '{"value":12.50,"currency":"EUR"}';
    const payment = `{"price":${price},"interval_of_days":"P10D"}`;
    const load = '{"weight":{"value":0.10000000000000000000001,"unit_code":"TNE"},"amount":1e2}';
    const text = JSON.stringify(least).slice(0, -1);
    const answer = encodedText(`${text},"payment":${payment},"loads":[${load}]}`);
    expect(answer).toContain(`"price":${price}`);
    expect(answer).toContain('"value":0.10000000000000000000001,');
    expect(answer).toContain('"amount":1e2');
  });

  it('are texts where ADR classes came as numbers', () => {
    const text = JSON.stringify(least).slice(0, -1);
    const sent = `${text},"requirements":{"required_adr_classes":[4.10,3.0,"9",1]}}`;
    expect(encoded(sent)['requirements']).toMatchObject({
      required_adr_classes: ['4.1', '3', '9', '1'],
    });
  });

  it('of the route are sorted', () => {
    const late = stop('Late', { day: '2017-02-22' });
    const early = stop('Early', { day: '2017-02-20' });
    const { route } = encoded({ ...least, route: { events: [late, early] } });
    expect(route).toMatchObject({ events: [early, late] });
  });
});

describe('links', () => {
  const person = { given_name: 'A', family_name: 'B', email: 'a@b' };
  const base = 'https://companies.system.trans.eu/api/rest/v1';
  const links = (more: object, options: object = {}) =>
    encoded({ ...least, ...more }, options)['_links'];

  it('are left out where their target is not known', () => {
    const contact_person = { ...person, trans_id: 'x-1', employee_id: 'E7' };
    expect(links({ carrier: { name: 'C', contact_person } })).toEqual({ self });
    expect(links({ carrier: { name: 'C', contact_person: person } })).toEqual({ self });
  });

  it('lead to the companies and employees of the exchange', () => {
    const contact_person = { ...person, trans_id: '1008547-1', employee_id: '823439' };
    expect(links({ carrier: { name: 'C', contact_person } })).toEqual({
      self,
      carrier_company: { id: 1008547, href: `${base}/companies/1008547` },
      carrier_contact_person: { employee_id: 823439, href: `${base}/employees/823439` },
    });
  });

  it('know the companies that the operator names', () => {
    const companies = [
      { organization, companyId: 7 },
      { organization: carrier, companyId: 8, vatIds: ['PL8'] },
    ];
    const options = { companies, companiesUrl: 'http://x/api' };
    expect(links({ carrier: { name: 'C', vat_id: 'PL 8' } }, options)).toEqual({
      self,
      carrier_company: { id: 8, href: 'http://x/api/companies/8' },
      shipper_company: { id: 7, href: 'http://x/api/companies/7' },
    });
  });
});
