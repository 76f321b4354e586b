/**
 * docs/renderings.md is what the dialects declare. After a change of their renderings run
 * `npm run docs`, which sets PORTOLAN_WRITE_DOCS, and commit the difference.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { discoverDialects } from '../src/dialects/discover.ts';
import { packageRoot } from '../src/lib/package-root.ts';
import { renderingsPage } from './support/renderings-page.ts';

const file = join(packageRoot(), 'docs', 'renderings.md');

it('says of every dialect what it declares', async () => {
  const text = renderingsPage((await discoverDialects()).values());
  if (process.env['PORTOLAN_WRITE_DOCS'] === '1') await writeFile(file, text);
  expect(text).toBe(await readFile(file, 'utf8'));
});
