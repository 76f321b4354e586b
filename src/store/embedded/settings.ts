// PostgreSQL's settings for Portolan's work: many small durable transactions on one machine.

/** What a caller may override. Durability is the product, so it is said, not left to defaults. */
const USUAL: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  max_connections: '100',
  shared_buffers: '256MB',
  wal_compression: 'on',
  // Few, long checkpoints: group commit writes much, and each checkpoint doubles its first writes.
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  // A new log file grows as it is written. Filling all of it before holds every commit up, 50 ms and more
  // for each 16 MB; once there are enough of them they are used again.
  wal_init_zero: 'off',
  min_wal_size: '1GB',
  // Changed pages are written out before a statement needs their place and has to do it itself.
  bgwriter_delay: '10ms',
  bgwriter_lru_maxpages: '1000',
  bgwriter_lru_multiplier: '4',
  // Compiling a statement takes longer than any of ours runs.
  jit: 'off',
  // For solid-state disks; the default of 4 is from the time of spinning ones.
  random_page_cost: '1.1',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Our log is read from standard error. */
const FIXED: Readonly<Record<string, string>> = {
  logging_collector: 'off',
  log_destination: 'stderr',
};

/** For a machine that refuses the memory, such as a container with a tiny /dev/shm. */
export const FRUGAL: Readonly<Record<string, string>> = {
  shared_buffers: '32MB',
  huge_pages: 'off',
  ...(process.platform === 'win32' ? {} : { dynamic_shared_memory_type: 'mmap' }),
};

/** True when PostgreSQL's words say that the machine refused memory, so that less may do. */
export function saysNoMemory(words: string): boolean {
  return /could not (map|resize|create|open)[^\n]*shared memory/.test(words);
}

export interface SettingsOptions {
  /** The caller's own. */
  readonly settings: Readonly<Record<string, string>>;
  /** What nobody may change, such as where to listen; wins over everything. */
  readonly fixed: Readonly<Record<string, string>>;
  readonly isFrugal: boolean;
}

/** The settings as arguments of the server program; later ones win. */
export function settingsArgs({ settings, fixed, isFrugal }: SettingsOptions): readonly string[] {
  const all = { ...USUAL, ...settings, ...(isFrugal ? FRUGAL : {}), ...FIXED, ...fixed };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** False when the caller traded durability for speed, as tests do. */
export function isDurable(settings: Readonly<Record<string, string>>): boolean {
  return !['off', 'false', 'no', '0'].includes((settings['fsync'] ?? 'on').toLowerCase());
}
