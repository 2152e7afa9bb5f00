// The commands of the program as plain data, from which the man page and the completions are made.
import type { Argument, Command, Option } from 'commander';

/** What can stand in a place of the command line. */
export type Completion =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' | 'directories' | 'vmids' | 'nodes' | 'nothing' };

export interface ArgumentWord {
  /** As it is written in a usage line: `<vmid>`, `[file]`, `[vmid...]`. */
  readonly usage: string;
  readonly description: string;
  readonly completion: Completion;
}

export interface OptionWord {
  /** `--out`, always there; the short form where there is one. */
  readonly long: string;
  readonly short: string | null;
  /** `<file>`, `[file]`, `<ids...>`; null for an option without a value. */
  readonly value: string | null;
  readonly description: string;
  readonly completion: Completion;
}

export interface CommandTree {
  readonly name: string;
  /** From the program on: `['berth', 'hook', 'install']`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly arguments: readonly ArgumentWord[];
  /** Its own; those of the program are understood everywhere. */
  readonly options: readonly OptionWord[];
  readonly commands: readonly CommandTree[];
}

export function makeCommandTree(command: Command, above: readonly string[] = []): CommandTree {
  const path = [...above, command.name()];
  return {
    name: command.name(),
    path,
    description: command.description(),
    arguments: command.registeredArguments.map(makeArgument),
    options: command.createHelp().visibleOptions(command).map(makeOption),
    commands: command.commands.map(below => makeCommandTree(below, path)),
  };
}

/** The tree itself, then all that is below it, in the order of the program's help. */
export function listCommands(tree: CommandTree): readonly CommandTree[] {
  return [tree, ...tree.commands.flatMap(listCommands)];
}

function makeArgument(argument: Argument): ArgumentWord {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return {
    usage: argument.required ? `<${name}>` : `[${name}]`,
    description: argument.description,
    completion: makeCompletion(argument.name(), argument.argChoices),
  };
}

function makeOption(option: Option): OptionWord {
  const value = /[<[].*$/.exec(option.flags)?.[0] ?? null;
  return {
    long: option.long ?? option.flags,
    short: option.short ?? null,
    value,
    description: describeOption(option),
    completion: makeCompletion(/[\w-]+/.exec(value ?? '')?.[0] ?? '', option.argChoices),
  };
}

function describeOption({ description, defaultValue, argChoices }: Option): string {
  const added = [
    ...(argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`]),
    ...(defaultValue === undefined ? [] : [`default ${String(defaultValue)}`]),
  ];
  return added.length === 0 ? description : `${description} (${added.join('; ')})`;
}

/** By the name of the value, as usage lines have it. */
const KINDS: Readonly<Record<string, Exclude<Completion['kind'], 'words'>>> = {
  file: 'files',
  dir: 'directories',
  directory: 'directories',
  vmid: 'vmids',
  vmids: 'vmids',
  node: 'nodes',
};

function makeCompletion(name: string, choices: readonly string[] | undefined): Completion {
  return choices === undefined ? { kind: KINDS[name] ?? 'nothing' } : { kind: 'words', words: choices };
}
