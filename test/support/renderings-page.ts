/** The page that says what every dialect keeps of an event, written from what they declare. */
import type { Dialect, Rendering, Said } from '../../src/dialects/dialect.ts';
import { CANONICAL_FIELDS } from '../../src/events/fields.ts';

const head = `# What each dialect keeps of an event

Made by \`npm run docs\` from what the dialects declare; compared by a test. Do not edit.

An event is recorded once and said in every dialect. No partner has a word for everything: this page says what becomes of each member of the
canonical event, in each form in which a dialect says events. \`GET /hub/v1/events/{id}/renderings\` answers the same for one event. The contract suite
proves it with random events: changing what is *dropped* never changes what is said, changing what is *kept* always does.

- **kept**: said, wherever the event has it.
- **approximated**: said with a loss, or only in some cases.
- **defaulted**: kept; where the event lacks it, something is said all the same.
- **dropped**: not said.
`;

const marks: Readonly<Record<Said['how'], string>> = {
  kept: 'kept',
  approximated: '*approximated*',
  defaulted: '*defaulted*',
  dropped: '–',
};

export function renderingsPage(dialects: Iterable<Dialect>): string {
  const forms = [...dialects].flatMap(({ name, renderings }) =>
    renderings.map((rendering) => ({ title: `${name}: ${rendering.form}`, rendering })),
  );
  return [head, overview(forms), ...forms.map(detail)].join('\n');
}

interface Form {
  readonly title: string;
  readonly rendering: Rendering;
}

function overview(forms: readonly Form[]): string {
  const rows = CANONICAL_FIELDS.map((field) => [
    `\`${field}\``,
    ...forms.map(({ rendering }) => marks[rendering.fields[field].how]),
  ]);
  return `## All forms\n\n${table(['member', ...forms.map(({ title }) => title)], rows)}`;
}

function detail({ title, rendering: { fields } }: Form): string {
  const rows = CANONICAL_FIELDS.map((field) => {
    const rule = fields[field];
    const as = rule.how === 'dropped' || rule.as === undefined ? '' : asCode(rule);
    return [`\`${field}\``, marks[rule.how], as, rule.how === 'kept' ? '' : rule.why];
  });
  return `## ${title}\n\n${table(['member', 'is', 'as', 'because'], rows)}`;
}

/** Names of members stand as code; what is said in words, as words. */
function asCode({ as = '' }: { readonly as?: string }): string {
  const isName = as.split(', ').every((name) => /^[\w.[\]]+$/.test(name));
  return isName ? as.replace(/[^,\s]+/g, '`$&`') : as;
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return line(titles) + line(titles.map(() => '---')) + rows.map(line).join('');
}
