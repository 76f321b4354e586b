/** Reading PORTOLAN_WEBHOOK_ALLOW. */
import { describe, expect, it } from 'vitest';
import { parseAddress } from './address.ts';
import { allowsAddress, allowsName, parseAllowList } from './allow-list.ts';

function allows(text: string, address: string): boolean {
  const parsed = parseAddress(address);
  if (parsed === undefined) throw new Error(`${address} is not an address`);
  return allowsAddress(parseAllowList(text), parsed);
}

describe('parseAllowList', () => {
  it.each(['', ' ', ',', ' , '])('%j allows nothing', (text) => {
    const list = parseAllowList(text);
    expect(list.names.size + list.ranges.length).toBe(0);
  });

  it.each([
    ['127.0.0.0/8, ::1/128', '127.9.9.9', true],
    ['127.0.0.0/8, ::1/128', '::1', true],
    ['127.0.0.0/8, ::1/128', '10.0.0.1', false],
    ['10.0.0.7', '10.0.0.7', true],
    ['10.0.0.7', '10.0.0.8', false],
    ['10.9.9.9/8', '10.1.1.1', true],
    ['[fd00::1]', 'fd00::1', true],
    ['10.0.0.0/8', '::ffff:10.0.0.1', true],
    ['::ffff:10.0.0.0/104', '10.0.0.1', true],
    ['::ffff:10.0.0.0/104', '11.0.0.1', false],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '127.0.0.1', false],
  ])('%s and %s: %s', (text, address, expected) => {
    expect(allows(text, address)).toBe(expected);
  });

  it('takes exact host names without regard to case, trailing dot or script', () => {
    const list = parseAllowList('Receiver, hooks.example.com., bücher.example');
    expect(allowsName(list, 'RECEIVER.')).toBe(true);
    expect(allowsName(list, 'hooks.example.com')).toBe(true);
    expect(allowsName(list, 'xn--bcher-kva.example')).toBe(true);
    expect(allowsName(list, 'a.hooks.example.com')).toBe(false);
    expect(allowsName(list, 'example.com')).toBe(false);
  });

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '::1/129',
    '::ffff:10.0.0.0/8',
    '010.0.0.0/8',
    '127.1',
    '2130706433',
    '0x7f.1',
    'fe80::1%eth0',
    '*.example.com',
    'http://example.com',
    'example.com:8080',
    'example.com/24',
    'two words',
    '-example.com',
    `${'a'.repeat(64)}.example`,
  ])('refuses %j and names it', (entry) => {
    expect(() => parseAllowList(`127.0.0.0/8,${entry}`)).toThrow(`"${entry}"`);
  });
});
