// The man page berth(1), from the commands of the program: what a usage line cannot say is in `man-sections.ts`.
import { type CommandTree, listCommands, type OptionWord } from './command-tree.ts';
import { SECTIONS } from './man-sections.ts';

export interface ManPageFacts {
  readonly version: string;
  /** Of the sources, as `2026-11-23`. */
  readonly date: string;
}

/** In roff with the macros of man(7). */
export function renderManPage(tree: CommandTree, { version, date }: ManPageFacts): string {
  const lines = [
    `.TH ${tree.name.toUpperCase()} 1 ${date} "${tree.name} ${version}" "System Administration"`,
    ...section('NAME'),
    `${tree.name} \\- dedicated cores, caches and local memory for Proxmox VE guests`,
    ...section('SYNOPSIS'),
    `.B ${tree.name}`,
    '[\\fIOPTION\\fR]... \\fICOMMAND\\fR [\\fIARGUMENT\\fR]...',
    ...section('DESCRIPTION'),
    `${escapeText(tree.description)}.`,
    ...SECTIONS.introduction.flatMap(text => ['.PP', escapeText(text)]),
    ...section('OPTIONS'),
    'Understood by every command.',
    ...tree.options.flatMap(renderOption),
    ...section('COMMANDS'),
    ...listCommands(tree).slice(1).flatMap(renderCommand),
    ...SECTIONS.after.flatMap(({ title, entries }) => [
      ...section(title),
      ...entries.flatMap(([term, text]) => ['.TP', bold(term), escapeText(text)]),
    ]),
    ...section('SEE ALSO'),
    SECTIONS.seeAlso.map(page => page.replace(/^(.+)\((\d+)\)$/, '\\fB$1\\fR(\\fB$2\\fR)')).join(', '),
  ];
  return `${lines.join('\n')}\n`;
}

const section = (title: string): readonly string[] => [`.SH ${title.includes(' ') ? `"${title}"` : title}`];

function renderCommand({ path, description, arguments: words, options, commands }: CommandTree): readonly string[] {
  const usage = [
    bold(path.slice(1).join(' ')),
    ...(commands.length === 0 ? [] : ['\\fICOMMAND\\fR']),
    ...words.map(word => escapeText(word.usage)),
  ].join(' ');
  return [
    '.SS',
    usage,
    `${escapeText(capitalize(description))}.`,
    ...words.flatMap(word => ['.TP', escapeText(word.usage), escapeText(word.description)]),
    ...options.filter(({ long }) => long !== '--help').flatMap(renderOption),
  ];
}

function renderOption({ short, long, value, description }: OptionWord): readonly string[] {
  const names = [short, long].filter(name => name !== null).map(bold);
  const term = value === null ? names.join(', ') : `${names.join(', ')} ${escapeText(value)}`;
  return ['.TP', term, escapeText(description)];
}

const bold = (text: string): string => `\\fB${escapeText(text)}\\fR`;

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Hyphens stay hyphens to be copied, backticks become bold, and no line is taken for a request. */
function escapeText(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/`([^`]+)`/g, '\\fB$1\\fR')
    .replace(/^(?=[.'])/, '\\&');
}
