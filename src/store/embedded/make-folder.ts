// Makes folders one by one.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './errors.ts';

/**
 * Makes `path` and what is missing above it, unless something of that name is there. Rejects with the
 * system's error, e.g. `EACCES`. Node's own `recursive` tries for ever where the kernel answers ENOENT
 * although the folder above exists, as /proc does.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await madeOrThere(path)) return;
  await makeFolder(dirname(path));
  if (await madeOrThere(path)) return;
  throw Object.assign(new Error(`ENOENT: ${path} cannot be made`), { code: 'ENOENT' });
}

/** False when the folder above is missing. */
async function madeOrThere(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return true;
    // At the root there is nothing above to be made.
    if (code === 'ENOENT' && dirname(path) !== path) return false;
    throw error;
  }
}
