// Passwords: what verifies, what does not, the stored form, and the bound on work at once.
import { expect, it } from 'vitest';
import { createPasswords } from './passwords.ts';

const passwords = createPasswords();

it('verifies what it hashed and nothing else', async () => {
  const stored = await passwords.hash('correct horse');
  expect(stored).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[\w-]{22}\$[\w-]{43}$/);
  expect(await passwords.verify('correct horse', stored)).toBe(true);
  expect(await passwords.verify('correct horsf', stored)).toBe(false);
  expect(await passwords.verify('', stored)).toBe(false);
  expect(await passwords.hash('correct horse')).not.toBe(stored);
});

it('takes the same letters in either Unicode form', async () => {
  const stored = await passwords.hash('Kr\u00f8ller \u00e5 la carte');
  expect(await passwords.verify('Kr\u00f8ller a\u030a la carte', stored)).toBe(true);
});

it('verifies a hash made with other parameters: the vector of RFC 7914', async () => {
  const salt = Buffer.from('SodiumChloride').toString('base64url');
  const hash = Buffer.from(
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2',
    'hex',
  ).toString('base64url');
  const stored = `$scrypt$ln=14,r=8,p=1$${salt}$${hash}`;
  expect(await passwords.verify('pleaseletmein', stored)).toBe(true);
});

it('says no for nobody, after the same work', async () => {
  expect(await passwords.verify('anything', undefined)).toBe(false);
});

it('refuses a damaged hash loudly', async () => {
  await expect(passwords.verify('anything', 'plain text')).rejects.toThrow('malformed');
});

it('turns work away when too much waits', async () => {
  const tight = createPasswords({ runningMax: 1, waitingMax: 1 });
  const results = await Promise.allSettled([1, 2, 3].map(() => tight.verify('x', undefined)));
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(results[2]).toMatchObject({ reason: { code: 'overloaded' } });
});
