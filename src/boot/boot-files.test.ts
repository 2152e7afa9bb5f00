// The texts that boot loaders read: what is put in and taken out again leaves every other byte as it was.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editKernelLine, encodeGrubSnippet, GRUB_SNIPPET, parseGrubSnippet } from './boot-files.ts';
import { readGrubWords } from './grub-words.ts';

const ADDED = ['isolcpus=managed_irq,domain,4-7', 'nohz_full=4-7'];

describe('editKernelLine()', () => {
  it.each([
    ['a line', 'root=/dev/sda1 quiet\n', 'root=/dev/sda1 quiet A B\n'],
    ['no final newline', 'root=/dev/sda1', 'root=/dev/sda1 A B'],
    ['lines that end as on Windows', 'root=/dev/sda1\r\nrest\r\n', 'root=/dev/sda1 A B\r\nrest\r\n'],
    ['blanks at the end', 'root=/dev/sda1 \t\n', 'root=/dev/sda1 A B \t\n'],
    ['later lines, which nobody reads', 'root=/dev/sda1\nquiet\n\n# note\n', 'root=/dev/sda1 A B\nquiet\n\n# note\n'],
    ['words in quotes', 'root=ZFS=rpool/ROOT dyndbg="file a +p"\n', 'root=ZFS=rpool/ROOT dyndbg="file a +p" A B\n'],
    ['an empty text', '', ' A B'],
  ])('adds to %s, and takes out again', (_, text, wanted) => {
    expect(editKernelLine(text, [], ['A', 'B'])).toBe(wanted);
    expect(editKernelLine(wanted, ['A', 'B'], [])).toBe(text);
  });

  it.each([
    ['in the middle', 'root=x A quiet\n', 'root=x quiet\n'],
    ['part of another word', 'root=x AB A=1 xA\n', 'root=x AB A=1 xA\n'],
    ['in a later line', 'root=x\nA\n', 'root=x\nA\n'],
    ['within quotes', 'root=x "A b" c\n', 'root=x "A b" c\n'],
    ['twice, of which the last is ours', 'A root=x A\n', 'A root=x\n'],
  ])('finds a word %s', (_, text, wanted) => {
    expect(editKernelLine(text, ['A'], [])).toBe(wanted);
  });

  it('gives every byte back, whatever the text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '\t', '"', '\n', '\r', '=', '#', '\\') });
    fc.assert(
      fc.property(text, before => {
        fc.pre((before.split('\n', 1)[0]?.match(/"/g)?.length ?? 0) % 2 === 0);
        expect(editKernelLine(editKernelLine(before, [], ADDED), ADDED, [])).toBe(before);
      }),
    );
  });
});

describe('encodeGrubSnippet()', () => {
  it('adds to what GRUB passes on already', () => {
    const snippet = { file: GRUB_SNIPPET, text: encodeGrubSnippet(ADDED) ?? '' };
    const grub = { file: '/etc/default/grub', text: 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\n' };
    expect(readGrubWords([grub, snippet]).passed.map(({ word }) => word)).toEqual(['quiet', ...ADDED]);
  });

  it('is no file without words', () => {
    expect(encodeGrubSnippet([])).toBeNull();
  });
});

describe('parseGrubSnippet()', () => {
  it('reads what encodeGrubSnippet() wrote', () => {
    expect(parseGrubSnippet(encodeGrubSnippet(ADDED) ?? '')).toEqual(ADDED);
  });

  it.each([
    ['', []],
    ['# GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT a"\n', []],
    ['GRUB_CMDLINE_LINUX_DEFAULT="a"\n', []],
    ['GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT a x=/y b$C"\n', ['a']],
    ['# mine\nGRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT a b"\nGRUB_TIMEOUT=1\n', ['a', 'b']],
  ])('finds the words of %j', (text, words) => {
    expect(parseGrubSnippet(text)).toEqual(words);
  });
});
