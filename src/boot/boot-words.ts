// Parameters on a kernel command line, and the CPUs that one names.
import type { SourceText } from '#domain/text-tree.ts';

/** A parameter, and the line of a file that it is written in. */
export interface WrittenWord {
  readonly word: string;
  readonly source: SourceText;
  /** From 1. */
  readonly line: number;
}

/** The words of a kernel command line: spaces within quotes part nothing, and the quotes go. */
export function bootWords(commandLine: string): readonly string[] {
  return [...commandLine.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''));
}

/** All values of a parameter, in order: `isolcpus=4-7 quiet` has `4-7` of `isolcpus`. Quotes around a value go. */
export function bootParameters(commandLine: string, name: string): readonly string[] {
  return bootWords(commandLine).flatMap(word => (word.startsWith(`${name}=`) ? [word.slice(name.length + 1)] : []));
}

/**
 * Whether a cpulist of the kernel's command line names a CPU (kernel-parameters, "cpu lists"): `0-7:2/4` is 0, 1, 4 and 5.
 * Flags before the list, as in `isolcpus=managed_irq,domain,2-5`, are passed over, and so is what means nothing.
 */
export function namesCpu(list: string, cpu: number, largest: number): boolean {
  return list.split(',').some(entry => {
    if (entry === 'all') return true;
    const match = /^(\d+|N)(?:-(\d+|N)(?::(\d+)\/(\d+))?)?$/.exec(entry);
    if (!match) return false;
    const [, first = '', last = first, used = '1', group = '1'] = match;
    const number = (text: string) => (text === 'N' ? largest : Number(text));
    const offset = cpu - number(first);
    return offset >= 0 && cpu <= number(last) && offset % Math.max(1, Number(group)) < Number(used);
  });
}

/** The flags of an `isolcpus` value: `managed_irq,domain,2-5` has two. Without any the kernel takes `domain`. */
export function isolationFlags(value: string): readonly string[] {
  const flags: string[] = [];
  for (const entry of value.split(',')) {
    // A list begins with a digit, or with one of two words of its own.
    if (!/^[a-z]/.test(entry) || entry === 'all') break;
    flags.push(entry);
  }
  return flags;
}
