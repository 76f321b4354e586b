/** How the demo tells of itself: plain lines that read well on a screen and in a log. */
import { member } from './json.ts';
import type { Push } from './receiver.ts';
import type { Line } from './stage.ts';

const dialectWidth = 'terminal'.length;
const textWidth = 62;

export function say({ time, dialect, text, outcome = '' }: Line): void {
  const columns = [time.padEnd(5), dialect.padEnd(dialectWidth), text.padEnd(textWidth), outcome];
  console.log(columns.join('  ').trimEnd());
}

/** A line of preparation, before the story's clock runs. */
export function prepare(text: string): void {
  console.log(text);
}

export function heading(text: string): void {
  console.log(`\n${text}\n`);
}

/** A push that came after the story, because somebody tried one of the curl lines. */
export function announce({ subscription, verified, body }: Push): void {
  const event = member(body, 'event') ?? member(body, 'HandlingUnit');
  const signature = verified ? 'signature verified' : 'BAD SIGNATURE';
  console.log(`push to ${subscription}, ${signature}: ${JSON.stringify(event)}`);
}
