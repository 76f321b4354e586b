/** The day of the story: a Tuesday in winter, when Le Havre and Oslo both are one hour ahead. */

/** `06:42` or `06:42:10` of that day as ISO 8601 with its offset. */
export function at(time: string): string {
  return `2026-11-17T${time.padEnd(8, ':00')}+01:00`;
}

/** The nth second from a time of that day, for events of which there are many. */
export function secondAfter(time: string, seconds: number): string {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const total = hours * 3600 + minutes * 60 + seconds;
  const parts = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return at(parts.map((part) => String(part).padStart(2, '0')).join(':'));
}
