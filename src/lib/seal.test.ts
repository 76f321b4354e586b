/** Sealed texts open only where they belong. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSealer, SealError } from './seal.ts';

const sealer = createSealer(randomBytes(32));

function codeOf(open: () => unknown): string {
  try {
    open();
  } catch (error) {
    if (error instanceof SealError) return error.code;
    throw error;
  }
  return 'opened';
}

describe('a sealed text', () => {
  it('opens to what was sealed, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
        expect(sealer.open(sealer.seal(text, context), context)).toBe(text);
      }),
    );
  });

  it('is printable, tells its format, shows nothing and is never the same twice', () => {
    const sealed = Array.from({ length: 50 }, () => sealer.seal('whsec_secret', 'row/1'));
    expect(new Set(sealed).size).toBe(50);
    for (const each of sealed) expect(each).toMatch(/^sealed1\.[\w-]+$/);
    expect(sealed.join()).not.toContain('secret');
  });

  it('does not open in another context or under another key', () => {
    const sealed = sealer.seal('text', 'row/1');
    expect(codeOf(() => sealer.open(sealed, 'row/2'))).toBe('refused');
    expect(codeOf(() => createSealer(randomBytes(32)).open(sealed, 'row/1'))).toBe('refused');
    expect(codeOf(() => sealer.open(sealed, 'row/1'))).toBe('opened');
  });

  it('does not open when any bit was changed', () => {
    const sealed = sealer.seal('text', 'row/1');
    const bytes = Buffer.from(sealed.slice('sealed1.'.length), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      const index = bit >> 3;
      changed[index] = (changed[index] ?? 0) ^ (1 << (bit & 7));
      const text = `sealed1.${changed.toString('base64url')}`;
      expect(codeOf(() => sealer.open(text, 'row/1'))).toBe('refused');
    }
  });

  it.each(['', 'text', 'sealed1.', 'sealed2.AAAA', 'sealed1.AAAA', 'sealed1.A A', 'sealed1.AA=='])(
    '%j is none',
    (text) => {
      expect(codeOf(() => sealer.open(text, 'row/1'))).toBe('malformed');
    },
  );
});

describe('createSealer', () => {
  it.each([0, 16, 31, 33, 64])('refuses a key of %i bytes', (bytes) => {
    expect(() => createSealer(randomBytes(bytes))).toThrow('32 bytes');
  });
});
