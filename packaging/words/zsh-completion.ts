// Completions for zsh, from the commands of the program.
import { type CommandTree, type Completion, listCommands, type OptionWord } from './command-tree.ts';

/** A file of an `fpath` directory, by the name `_berth`. A command with commands below it has a function of its own. */
export function renderZshCompletion(tree: CommandTree): string {
  const groups = listCommands(tree).filter(({ commands }) => commands.length > 0);
  return `#compdef ${tree.name}
# Completions of ${tree.name} for zsh, made from its commands.
_${tree.name}_guests() {
  local -a guests
  guests=(/etc/pve/(qemu-server|lxc)/*.conf(N:t:r))
  compadd -a guests
}

_${tree.name}_nodes() {
  local -a nodes
  nodes=(/etc/pve/nodes/*(N/:t))
  compadd -a nodes
}

${groups
  .reverse()
  .map(group => renderGroup(group, tree))
  .join('\n')}
_${tree.name} "$@"
`;
}

function renderGroup(group: CommandTree, tree: CommandTree): string {
  const shared = group === tree ? [] : tree.options;
  return `${functionName(group)}() {
  local context state line
  local -a commands
  typeset -A opt_args
  _arguments -C ${specs([...group.options, ...shared]).join(' ')} '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      commands=(
${group.commands.map(({ name, description }) => `        ${quote(`${name}:${description.replaceAll(':', '\\:')}`)}`).join('\n')}
      )
      _describe command commands
      ;;
    argument)
      case $line[1] in
${group.commands.map(command => `        ${command.name}) ${renderCommand(command, tree)} ;;`).join('\n')}
      esac
      ;;
  esac
}
`;
}

function renderCommand(command: CommandTree, tree: CommandTree): string {
  if (command.commands.length > 0) return functionName(command);
  const words = command.arguments.map(({ usage, completion }, index) => {
    const place = usage.includes('...') ? '*' : `${index + 1}`;
    const optional = usage.startsWith('[') && place !== '*' ? ':' : '';
    return quote(`${place}:${optional}${usage.replace(/[^\w-]/g, '')}:${offer(completion)}`);
  });
  return ['_arguments', ...specs([...command.options, ...tree.options]), ...words].join(' ');
}

/** Each long name once: those of the program are understood by every command, which may have its own of the same name. */
function specs(options: readonly OptionWord[]): readonly string[] {
  const byName = new Map(options.toReversed().map(option => [option.long, option]));
  return [...byName.values()].toReversed().map(({ long, value, description, completion }) => {
    const text = description.replace(/[[\]\\]/g, '\\$&');
    if (value === null) return quote(`${long}[${text}]`);
    const optional = value.startsWith('[') ? ':' : '';
    return quote(`${long}[${text}]:${optional}${value.replace(/[^\w-]/g, '')}:${offer(completion)}`);
  });
}

function offer(completion: Completion): string {
  switch (completion.kind) {
    case 'words':
      return `(${completion.words.join(' ')})`;
    case 'files':
      return '_files';
    case 'directories':
      return '_files -/';
    case 'vmids':
      return '_berth_guests';
    case 'nodes':
      return '_berth_nodes';
    case 'nothing':
      return ' ';
  }
}

const functionName = ({ path }: CommandTree): string => `_${path.join('_').replaceAll('-', '_')}`;

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
