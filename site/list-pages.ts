// Lists of pages that are made from the pages themselves: findings by impact, decisions by number.
import { readdirSync, readFileSync } from 'node:fs';

const FINDINGS = 'docs/findings';
const DECISIONS = 'docs/decisions';

/** In the order in which an administrator should care. */
const IMPACTS: Readonly<Record<string, string>> = {
  'breaks-start': 'A guest does not start',
  'hurts-latency': 'Hurts latency',
  ineffective: 'Does not do what it seems to',
  'worth-knowing': 'Worth knowing',
};

/** Markdown. @throws Error for a page that names no impact. */
export function renderFindingList(): string {
  const pages = readdirSync(FINDINGS).map(name => {
    const text = readFileSync(`${FINDINGS}/${name}`, 'utf8');
    const [, says, impact] = /^# .*\n\n(.*) Impact: `([a-z-]+)`\.$/m.exec(text) ?? [];
    if (says === undefined || impact === undefined || IMPACTS[impact] === undefined) {
      throw new Error(`${FINDINGS}/${name} does not say what it is and what its impact is`);
    }
    return { name, says, impact };
  });
  const parts = Object.entries(IMPACTS).map(([impact, title]) => {
    const rows = pages
      .filter(page => page.impact === impact)
      .map(
        ({ name, says }) => `| [${name.replace('.md', '')}](../findings/${name}) | ${says.replaceAll('|', '\\|')} |`,
      );
    return [`## ${title}`, '', '| finding | |', '|---|---|', ...rows].join('\n');
  });
  return `# Findings of doctor

What \`berth doctor\` can find in the configuration of a host and its guests: ${pages.length} findings. Each has a page that says why it matters, how to see it without Berth, what to do, and when to leave it. One that is known and accepted is put aside with a reason in the [policy](policy.md).

${parts.join('\n\n')}
`;
}

/** Markdown. */
export function renderDecisionList(): string {
  const names = readdirSync(DECISIONS).filter(name => /^\d/.test(name));
  const rows = names.sort().map(name => {
    const [, number, title] = /^# (\d+) (.*)$/m.exec(readFileSync(`${DECISIONS}/${name}`, 'utf8')) ?? [];
    if (number === undefined || title === undefined) throw new Error(`${DECISIONS}/${name} has no numbered title`);
    return `| ${number} | [${title}](${name}) |`;
  });
  return `# Decisions

What would be argued about again, and why it is as it is.

| | |
|---|---|
${rows.join('\n')}
`;
}
