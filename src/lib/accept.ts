/** Reads `Accept` headers (RFC 9110, section 12.5.1). Linear in their length, which the door bounds. */

/** How exactly a range names the type: 3 by name, 2 by its main type, 1 by naming all; 0: not at all. */
function exactness(range: string, mediaType: string): number {
  if (range === mediaType) return 3;
  if (range === `${mediaType.slice(0, mediaType.indexOf('/'))}/*`) return 2;
  return range === '*/*' ? 1 : 0;
}

/** Whether the header accepts the type, given in lower case. The range that fits best decides. */
export function accepts(header: string, mediaType: string): boolean {
  let best = 0;
  let isWanted = false;
  for (const part of header.toLowerCase().split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim());
    const fit = exactness(range, mediaType);
    if (fit === 0 || fit < best) continue;
    // A weight of nought in any of its spellings says: not this one.
    const isRefused = parameters.some((parameter) => /^q=0(\.0{0,3})?$/.test(parameter));
    isWanted = fit === best ? isWanted || !isRefused : !isRefused;
    best = fit;
  }
  return isWanted;
}
