/** Milliseconds of the clock that all processes of a machine share and that nobody sets. */
export function sharedMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
