// The page of commands, made from what the program declares.
import type { Argument, Command, Option } from 'commander';

/** Markdown. */
export function renderCommandReference(program: Command): string {
  const commands = program.commands.flatMap(command => (command.commands.length === 0 ? [command] : command.commands));
  return `# Commands

Made from the program itself; \`berth COMMAND --help\` says the same.

${[
  renderOptions('Every command takes', program.options),
  'Without `--root` a command works on the live host. `NO_COLOR` in the environment turns colours off.',
  `## Exit codes

| code | means |
|---|---|
| 0 | true, nothing to do, or applied and verified |
| 1 | could not: bad input, infeasible, refused, failed |
| 2 | changes, deviations, findings, or a restart pending |`,
  ...commands.map(renderCommand),
].join('\n\n')}
`;
}

function renderCommand(command: Command): string {
  const parts = [
    `## ${pathOf(command)}`,
    `${sentence(command.description())}`,
    `\`\`\`sh\n${usageOf(command)}\n\`\`\``,
  ];
  const named = command.registeredArguments.map(
    argument => `| \`${argumentText(argument)}\` | ${cell(argument.description)} |`,
  );
  if (named.length > 0) parts.push(['| argument | |', '|---|---|', ...named].join('\n'));
  if (command.options.length > 0) parts.push(renderOptions(null, command.options));
  return parts.join('\n\n');
}

/** `berth hook install`; what runs without its own name is called by its parent's. */
function pathOf(command: Command): string {
  const { parent } = command;
  if (parent === null) return command.name();
  return isDefault(command) ? pathOf(parent) : `${pathOf(parent)} ${command.name()}`;
}

/** commander keeps the name of a parent's default command to itself. */
const isDefault = (command: Command): boolean =>
  (command.parent as unknown as { _defaultCommandName: string | null })._defaultCommandName === command.name();

const usageOf = (command: Command): string =>
  [
    pathOf(command),
    ...command.registeredArguments.map(argumentText),
    ...(command.options.length > 0 ? ['[options]'] : []),
  ].join(' ');

function argumentText(argument: Argument): string {
  const name = `${argument.name().toUpperCase()}${argument.variadic ? '…' : ''}`;
  return argument.required ? name : `[${name}]`;
}

function renderOptions(title: string | null, options: readonly Option[]): string {
  const rows = options.map(({ flags, description, defaultValue, argChoices }) => {
    const choices = argChoices === undefined ? '' : `; one of ${argChoices.map(choice => `\`${choice}\``).join(', ')}`;
    const preset = defaultValue === undefined ? '' : `; \`${String(defaultValue)}\` if left out`;
    return `| \`${flags}\` | ${cell(description)}${choices}${preset} |`;
  });
  return [`| ${title ?? 'option'} | |`, '|---|---|', ...rows].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
