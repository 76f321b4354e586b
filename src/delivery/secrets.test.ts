/** Signing secrets rest sealed and belong to one subscription. */
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createSealer, SealError, type Sealer } from '../lib/seal.ts';
import { createSecrets } from './secrets.ts';
import { isSecret } from './sign.ts';

it('an issued secret is opened again, in the order given', () => {
  const secrets = createSecrets({ sealer: createSealer(randomBytes(32)) });
  const first = secrets.issue('sub-1');
  const second = secrets.issue('sub-1');
  expect(isSecret(first.secret)).toBe(true);
  expect(first.sealed).not.toContain(first.secret);
  const opened = secrets.open([second.sealed, first.sealed], 'sub-1');
  expect(opened).toEqual([second.secret, first.secret]);
});

it('a secret of one subscription does not open for another, not even once it is in memory', () => {
  const secrets = createSecrets({ sealer: createSealer(randomBytes(32)) });
  const { sealed } = secrets.issue('sub-1');
  secrets.open([sealed], 'sub-1');
  expect(() => secrets.open([sealed], 'sub-2')).toThrow(SealError);
});

it('a secret is unsealed once, as long as it is kept in memory', () => {
  const sealer = createSealer(randomBytes(32));
  let opened = 0;
  const counting: Sealer = {
    ...sealer,
    open: (sealed, context) => {
      opened += 1;
      return sealer.open(sealed, context);
    },
  };
  const secrets = createSecrets({ sealer: counting, openedMax: 1 });
  const [first, second] = [secrets.issue('sub-1').sealed, secrets.issue('sub-1').sealed];
  secrets.open([first], 'sub-1');
  secrets.open([first], 'sub-1');
  expect(opened).toBe(1);
  secrets.open([second, first], 'sub-1');
  expect(opened).toBe(3);
});
