// Keys of shipment numbers are stored for ever: a failing vector means that the code is wrong.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aliasesOf, shipmentKey, shipmentSpellings } from './unit-aliases.ts';

describe('shipmentKey', () => {
  it.each([
    ['(401)70712190172720651', '70712190172720651'],
    ['70712190172720651', '70712190172720651'],
    [' (401) 7071219 0172720651 ', '70712190172720651'],
    ['(401)7071219ab-C(9)', '7071219ab-C(9)'],
    // Without parentheses nothing tells an application identifier from a number.
    ['40170712190172720651', '40170712190172720651'],
    ['401', '401'],
    // Not a GINC: no company prefix, or longer than 30.
    ['(401)', '(401)'],
    ['(401)A-1', '(401)A-1'],
    ['(4 01)7', '(4 01)7'],
    ['(401)(401)7', '(401)(401)7'],
    [`(401)${'7'.repeat(30)}`, '7'.repeat(30)],
    [`(401)${'7'.repeat(31)}`, `(401)${'7'.repeat(31)}`],
    // Another number of GS1, and other people's numbers: as they are, inner spaces kept.
    ['(402)70712190172720657', '(402)70712190172720657'],
    [' Order 7 / b ', 'Order 7 / b'],
    ['00370724760010119754', '00370724760010119754'],
    ['', ''],
  ])('%j has the key %j', (text, key) => expect(shipmentKey(text)).toBe(key));

  const pieces = fc.constantFrom('(401)', '401', '7', 'A', '-', ' ', '(', ')', '70712190172720651');
  const likely = fc.array(pieces, { maxLength: 8 }).map((chosen) => chosen.join(''));

  it('the key of a key is itself', () => {
    fc.assert(
      fc.property(fc.oneof(likely, fc.string({ unit: 'binary' })), (text) => {
        expect(shipmentKey(shipmentKey(text))).toBe(shipmentKey(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('every spelling that documents are looked up by has the same key', () => {
    const numbers = fc.stringMatching(/^[0-9][0-9A-Za-z-]{0,29}$/);
    fc.assert(
      fc.property(numbers, fc.boolean(), (number, isPrefixed) => {
        const spellings = shipmentSpellings(isPrefixed ? `(401)${number}` : number);
        expect(spellings).toEqual(expect.arrayContaining([number, `(401)${number}`]));
        expect(new Set(spellings.map(shipmentKey))).toEqual(new Set([number]));
      }),
    );
  });
});

describe('aliasesOf', () => {
  it('gives the keys of the names that are there', () => {
    const parcel = { shipmentNumber: '(401)70712190172720651', returnCode: ' R-1234 ' };
    expect(aliasesOf({ parcel })).toEqual([
      { kind: 'shipment-number', value: '70712190172720651' },
      { kind: 'return-code', value: 'R-1234' },
    ]);
  });

  it.each([{}, { parcel: {} }, { parcel: { shipmentNumber: null, returnCode: ' ' } }])(
    'gives none for %j',
    (details) => expect(aliasesOf(details)).toEqual([]),
  );
});
