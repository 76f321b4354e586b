/** A copy of the project with more in it, compiled by the project's own compiler. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface ProjectCopy {
  readonly folder: string;
  /** The built program, for `startHub` and `runToEnd`. */
  readonly main: string;
  readonly remove: () => Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const copied = ['src', 'migrations', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

/**
 * Inside the project, so that packages are found in its node_modules; `.tmp` is ignored by git.
 * `added` is text by path from the copy's root. Throws with the compiler's words.
 */
export async function copyProject(added: Readonly<Record<string, string>>): Promise<ProjectCopy> {
  await mkdir(join(root, '.tmp'), { recursive: true });
  const folder = await mkdtemp(join(root, '.tmp', 'copy-'));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    for (const name of copied) {
      const filter = (path: string) => !path.endsWith('.test.ts');
      await cp(join(root, name), join(folder, name), { recursive: true, filter });
    }
    for (const [path, text] of Object.entries(added)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await compile(folder);
    return { folder, main: join(folder, 'dist', 'src', 'main.js'), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function compile(folder: string): Promise<void> {
  const { resolve } = createRequire(import.meta.url);
  const tsc = join(dirname(resolve('typescript/package.json')), 'bin', 'tsc');
  const args = [tsc, '-p', join(folder, 'tsconfig.build.json')];
  try {
    await promisify(execFile)(process.execPath, args);
  } catch (error) {
    throw new Error(`the copy does not compile:\n${(error as { stdout?: string }).stdout}`);
  }
}
