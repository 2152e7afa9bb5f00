// Which kernel parameters are about isolation, and which of those that are written somewhere are not ours.
import type { BootLoader } from '#domain/boot-isolation.ts';
import type { SourceText } from '#domain/text-tree.ts';
import { type BootTexts, kernelLineWords, parameterName } from './boot-config.ts';
import { GRUB_SNIPPET } from './boot-files.ts';
import { bootWords, type WrittenWord } from './boot-words.ts';
import { readGrubWords } from './grub-words.ts';

/** Given twice, the kernel takes one of them, or none. */
const ONCE = ['isolcpus', 'nohz_full', 'rcu_nocbs', 'irqaffinity'] as const;
const POOLS: ReadonlySet<string> = new Set(['hugepages', 'hugepagesz']);

export const isPoolWord = (word: string): boolean => POOLS.has(parameterName(word));
export const isIsolationWord = (word: string): boolean => (ONCE as readonly string[]).includes(parameterName(word));

/** Of a kernel's command line. */
export const isolationWordsIn = (commandLine: string): readonly string[] =>
  bootWords(commandLine).filter(word => isIsolationWord(word) || isPoolWord(word));

/** Written where this loader reads it, by somebody else. @param own ours in `/etc/kernel/cmdline`; with GRUB they have a file of their own */
export function foreignWords(loader: BootLoader, texts: BootTexts, own: readonly string[]): readonly WrittenWord[] {
  const isOurs = (word: string) => own.includes(word);
  if (loader === 'systemd-boot') return about(kernelLineWords(texts).first).filter(({ word }) => !isOurs(word));
  const sources = grubSources(texts).filter(({ file }) => file !== GRUB_SNIPPET);
  const { passed, overridden } = readGrubWords(sources);
  const known = new Set([...passed, ...overridden].map(placeOf));
  return [...about(passed), ...sources.flatMap(mentions).filter(word => !known.has(placeOf(word)))];
}

const about = (words: readonly WrittenWord[]): readonly WrittenWord[] =>
  words.filter(({ word }) => isIsolationWord(word) || isPoolWord(word));

const placeOf = ({ source, line }: WrittenWord): string => `${source.file}:${line}`;

/** In the order in which GRUB reads them. */
export const grubSources = ({ grub, grubSnippets }: BootTexts): readonly SourceText[] =>
  grub === null ? grubSnippets : [grub, ...grubSnippets];

const MENTION = new RegExp(`\\b(?:${ONCE.join('|')})=[^\\s"']*`);

/** In conditions, functions and other variables: whether GRUB passes those on cannot be told without running the file. */
function mentions(source: SourceText): readonly WrittenWord[] {
  return source.text.split('\n').flatMap((text, index) => {
    const word = /^\s*#/.test(text) ? undefined : MENTION.exec(text)?.[0];
    return word === undefined ? [] : [{ word, source, line: index + 1 }];
  });
}
