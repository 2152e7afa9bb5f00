// How the file of a boot loader changes so that the kernel is asked for these parameters, or what stands against it.
import type { BootEdit, BootLoader, WriteObstacle } from '#domain/boot-isolation.ts';
import type { SourceText } from '#domain/text-tree.ts';
import { type BootTexts, kernelLineWords } from './boot-config.ts';
import { editKernelLine, encodeGrubSnippet, GRUB_SNIPPET, parseGrubSnippet } from './boot-files.ts';
import type { WrittenWord } from './boot-words.ts';
import { readGrubWords } from './grub-words.ts';
import { foreignWords, grubSources, isIsolationWord } from './isolation-words.ts';

export interface BootEditInput {
  readonly loader: BootLoader;
  readonly texts: BootTexts;
  /** Words that Berth has written, as `ownWords` gives them. */
  readonly own: readonly string[];
  /** To be there afterwards. */
  readonly words: readonly string[];
}

export type MadeEdit =
  | { readonly kind: 'edit'; readonly edit: BootEdit }
  /** All of it is there, though perhaps not by us. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'obstacle'; readonly obstacle: WriteObstacle };

/** Ours among what is written for this loader. @param recorded what the journal says of `/etc/kernel/cmdline`, where nothing else tells */
export function ownWords(loader: BootLoader, texts: BootTexts, recorded: readonly string[]): readonly string[] {
  if (loader !== 'systemd-boot') return parseGrubSnippet(snippetOf(texts)?.text ?? '');
  const there = new Set(kernelLineWords(texts).first.map(({ word }) => word));
  return recorded.filter(word => there.has(word));
}

/** A parameter that somebody else has written already, word for word, is not written again; with any other value it is a conflict. */
export function makeBootEdit(input: BootEditInput): MadeEdit {
  const { loader, texts, own } = input;
  if (input.words.length === 0 && own.length === 0) return { kind: 'nothing' };
  const foreign = foreignWords(loader, texts, own);
  const conflicts = foreign.filter(({ word }) => isIsolationWord(word) && !input.words.includes(word));
  if (conflicts.length > 0 && input.words.length > 0)
    return { kind: 'obstacle', obstacle: { kind: 'conflict', words: conflicts.map(describeWord) } };
  const words = input.words.filter(word => !foreign.some(other => other.word === word && isIsolationWord(word)));
  return loader === 'systemd-boot' ? editLine(input, words) : editSnippet(input, words);
}

const describeWord = ({ word, source, line }: WrittenWord) => ({ word, file: source.file, line });

function editLine({ loader, texts, own }: BootEditInput, words: readonly string[]): MadeEdit {
  const before = texts.kernelCommandLine?.text ?? null;
  const hasRoot = kernelLineWords(texts).first.some(({ word }) => word.startsWith('root='));
  if (before === null || !hasRoot) {
    return { kind: 'obstacle', obstacle: { kind: 'no-kernel-line', isMissing: before === null } };
  }
  if (words.length > 0 && hasOpenQuote(before)) return { kind: 'obstacle', obstacle: { kind: 'open-quote' } };
  return madeEdit({ loader, before, after: editKernelLine(before, own, words), words: { before: own, after: words } });
}

/** The kernel takes everything from there to the end for a part of that one word (kernel: lib/cmdline.c `next_arg`). */
const hasOpenQuote = (text: string): boolean => ((text.split('\n', 1)[0] ?? '').split('"').length - 1) % 2 === 1;

function editSnippet({ loader, texts, own }: BootEditInput, words: readonly string[]): MadeEdit {
  const before = snippetOf(texts)?.text ?? null;
  const after = encodeGrubSnippet(words);
  const snippet: readonly SourceText[] = after === null ? [] : [{ file: GRUB_SNIPPET, text: after }];
  const others = texts.grubSnippets.filter(({ file }) => file !== GRUB_SNIPPET);
  const snippets = [...others, ...snippet].sort((a, b) => (a.file < b.file ? -1 : 1));
  const passed = readGrubWords(grubSources({ ...texts, grubSnippets: snippets })).passed;
  const isPassed = words.every(word => passed.some(other => other.word === word));
  if (!isPassed) {
    return { kind: 'obstacle', obstacle: { kind: 'overridden', file: snippets.at(-1)?.file ?? GRUB_SNIPPET } };
  }
  return madeEdit({ loader, before, after, words: { before: own, after: words } });
}

const madeEdit = (edit: BootEdit): MadeEdit =>
  edit.before === edit.after ? { kind: 'nothing' } : { kind: 'edit', edit };

const snippetOf = ({ grubSnippets }: BootTexts): SourceText | undefined =>
  grubSnippets.find(({ file }) => file === GRUB_SNIPPET);
