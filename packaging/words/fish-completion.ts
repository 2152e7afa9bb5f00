// Completions for fish, from the commands of the program.
import { type ArgumentWord, type CommandTree, type Completion, listCommands, type OptionWord } from './command-tree.ts';

export function renderFishCompletion(tree: CommandTree): string {
  const { name } = tree;
  const lines = [
    `# Completions of ${name} for fish, made from its commands.`,
    `function __${name}_guests`,
    '    string replace --regex --filter ".*/(\\d+)\\.conf" "\\$1" /etc/pve/qemu-server/*.conf /etc/pve/lxc/*.conf',
    'end',
    `function __${name}_nodes`,
    '    path basename /etc/pve/nodes/*',
    'end',
    `complete --command ${name} --no-files`,
    ...tree.options.map(option => complete(name, renderOption(option))),
    ...listCommands(tree).flatMap(command => renderCommand(name, command)),
  ];
  return `${lines.join('\n')}\n`;
}

function renderCommand(program: string, command: CommandTree): readonly string[] {
  const { path, commands, arguments: words, options } = command;
  const here = `--condition ${quote(makeCondition(command))}`;
  return [
    ...commands.map(({ name, description }) =>
      complete(program, `${here} --arguments ${name} --description ${quote(description)}`),
    ),
    ...words.flatMap(word => renderArgument(word).map(offered => complete(program, `${here} ${offered}`))),
    ...(path.length === 1 ? [] : options.map(option => complete(program, `${here} ${renderOption(option)}`))),
  ];
}

/** Where a command's words fit: all of its path was typed, and none of the commands below it. */
function makeCondition({ path, commands }: CommandTree): string {
  const typed = path.slice(1).map(name => `__fish_seen_subcommand_from ${name}`);
  if (typed.length === 0) return '__fish_use_subcommand';
  const below = commands.map(({ name }) => name).join(' ');
  return [...typed, ...(below === '' ? [] : [`not __fish_seen_subcommand_from ${below}`])].join('; and ');
}

function renderArgument({ completion, description }: ArgumentWord): readonly string[] {
  const offered = offer(completion);
  return offered === '' ? [] : [`${offered} --description ${quote(description)}`];
}

function renderOption({ long, short, value, description, completion }: OptionWord): string {
  const names = `--long-option ${long.slice(2)}${short === null ? '' : ` --short-option ${short.slice(1)}`}`;
  const needs = value?.startsWith('<') ? ` ${renderNeed(completion)}`.trimEnd() : '';
  return `${names}${needs} --description ${quote(description)}`;
}

/** `--require-parameter` would offer files. */
const renderNeed = (completion: Completion): string =>
  `${completion.kind === 'files' ? '--require-parameter' : '--exclusive'} ${offer(completion)}`;

function offer(completion: Completion): string {
  switch (completion.kind) {
    case 'words':
      return `--arguments ${quote(completion.words.join(' '))}`;
    case 'files':
      return '--force-files';
    case 'directories':
      return "--arguments '(__fish_complete_directories)'";
    case 'vmids':
      return "--arguments '(__berth_guests)'";
    case 'nodes':
      return "--arguments '(__berth_nodes)'";
    case 'nothing':
      return '';
  }
}

const complete = (program: string, words: string): string => `complete --command ${program} ${words}`;

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
