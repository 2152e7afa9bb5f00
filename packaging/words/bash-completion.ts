// Completions for bash, from the commands of the program.
import { type CommandTree, type Completion, listCommands, type OptionWord } from './command-tree.ts';

/** A script that defines `_berth` and needs nothing but bash 4. */
export function renderBashCompletion(tree: CommandTree): string {
  const commands = listCommands(tree);
  const below = commands.slice(1).map(({ path }) => quote(path.join(' ')));
  return `# Completions of ${tree.name} for bash, made from its commands.
_${tree.name}_guests() {
  local config
  for config in /etc/pve/qemu-server/*.conf /etc/pve/lxc/*.conf; do
    [[ -e $config ]] && config=\${config##*/} && echo "\${config%.conf}"
  done
}

_${tree.name}_nodes() {
  local node
  for node in /etc/pve/nodes/*/; do [[ -d $node ]] && basename "$node"; done
}

_${tree.name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command=${tree.name} word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
      ${below.join(' | ')}) command="$command $word" ;;
    esac
  done
  # The value of an option.
  case "$command $before" in
${tree.options.flatMap(option => renderValue(`*${quote(` ${option.long}`)}`, option)).join('\n')}
${commands.flatMap(({ path, options }) => options.flatMap(option => renderValue(quote(`${path.join(' ')} ${option.long}`), option))).join('\n')}
  esac
  # An option, a command or an argument.
  local words= options=${quote(listOptions(tree.options))}
  case "$command" in
${commands.map(renderCommand).join('\n')}
  esac
  [[ $current != -* ]] || words=$options
  COMPREPLY+=($(compgen -W "$words" -- "$current"))
}

complete -F _${tree.name} ${tree.name}
`;
}

const renderCommand = ({ path, options, commands, arguments: words }: CommandTree): string => {
  const names = commands.map(({ name }) => name);
  const more = path.length === 1 ? '' : ` options+=${quote(` ${listOptions(options)}`)}`;
  const given = words.map(({ completion }) => offer(completion)).filter(action => action !== '');
  return `    ${quote(path.join(' '))}) words=${quote(names.join(' '))}${more}${given.map(action => `; ${action}`).join('')} ;;`;
};

/** An option whose value is something that can be offered, or else nothing at all. */
function renderValue(pattern: string, { value, completion }: OptionWord): readonly string[] {
  if (value === null || value.startsWith('[')) return [];
  const action = offer(completion);
  return [`    ${pattern}) ${action === '' ? '' : `${action}; `}return ;;`];
}

function offer(completion: Completion): string {
  switch (completion.kind) {
    case 'words':
      return take(`compgen -W ${quote(completion.words.join(' '))}`);
    case 'files':
      return `compopt -o filenames 2>/dev/null; ${take('compgen -f')}`;
    case 'directories':
      return `compopt -o filenames 2>/dev/null; ${take('compgen -d')}`;
    case 'vmids':
      return take('compgen -W "$(_berth_guests)"');
    case 'nodes':
      return take('compgen -W "$(_berth_nodes)"');
    case 'nothing':
      return '';
  }
}

const take = (command: string): string => `COMPREPLY+=($(${command} -- "$current"))`;

const listOptions = (options: readonly OptionWord[]): string => options.map(({ long }) => long).join(' ');

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
