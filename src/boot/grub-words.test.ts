// GRUB's defaults as the shell reads them: the last assignment counts, and may build on earlier ones.
import { describe, expect, it } from 'vitest';
import { readGrubWords } from './grub-words.ts';

const read = (...texts: readonly string[]) => {
  const { passed, overridden } = readGrubWords(texts.map((text, index) => ({ file: `/file${index}`, text })));
  const words = (written: typeof passed) => written.map(({ word }) => word);
  return { passed: words(passed), overridden: words(overridden) };
};

describe('readGrubWords()', () => {
  it.each([
    ['double quotes', 'GRUB_CMDLINE_LINUX_DEFAULT="quiet iommu=pt"\n', ['quiet', 'iommu=pt']],
    ['single quotes', "GRUB_CMDLINE_LINUX='quiet'\n", ['quiet']],
    ['no quotes', 'GRUB_CMDLINE_LINUX=quiet # and a comment\n', ['quiet']],
    ['quotes within', 'GRUB_CMDLINE_LINUX="root=\\"ZFS=rpool/ROOT\\" quiet"\n', ['root=ZFS=rpool/ROOT', 'quiet']],
    ['what is indented or exported', '  export GRUB_CMDLINE_LINUX="quiet"\n', ['quiet']],
    ['what is added', 'GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_LINUX+=" b"\n', ['a', 'b']],
    ['a continued line', 'GRUB_CMDLINE_LINUX="a \\\n  b"\n', ['a', 'b']],
    ['a value over several lines', 'GRUB_CMDLINE_LINUX="a\nb"\n', ['a', 'b']],
    ['lines that end as on Windows', 'GRUB_CMDLINE_LINUX="a b"\r\nGRUB_TIMEOUT=5\r\n', ['a', 'b']],
    ['two assignments in a line', 'GRUB_TIMEOUT=5; GRUB_CMDLINE_LINUX=a', ['a']],
    ['a word of two pieces', 'A=isol\nGRUB_CMDLINE_LINUX="$A"cpus=4-7" b"\n', ['isolcpus=4-7', 'b']],
    ['references', 'GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX b"\n', ['a', 'b']],
    ['references in braces', `MINE="a b"\nGRUB_CMDLINE_LINUX="c \${MINE}"\n`, ['c', 'a', 'b']],
    ['both variables, that of every kernel first', 'GRUB_CMDLINE_LINUX_DEFAULT=b\nGRUB_CMDLINE_LINUX=a\n', ['a', 'b']],
  ])('reads %s', (_, text, passed) => {
    expect(read(text)).toEqual({ passed, overridden: [] });
  });

  it.each([
    ['a comment', '#GRUB_CMDLINE_LINUX="a"\n'],
    ['another variable', 'GRUB_CMDLINE_XEN="a"\nGRUB_TIMEOUT=5\n'],
    ['a variable that was never assigned', 'GRUB_CMDLINE_LINUX="$OTHER"\n'],
    ['an empty value', 'GRUB_CMDLINE_LINUX=""\n'],
    ['no assignment', 'echo GRUB_CMDLINE_LINUX\n'],
  ])('finds nothing in %s', (_, text) => {
    expect(read(text)).toEqual({ passed: [], overridden: [] });
  });

  it('names what a later file takes away, and not what it repeats', () => {
    expect(read('GRUB_CMDLINE_LINUX="a b"\n', 'GRUB_CMDLINE_LINUX="b c"\n')).toEqual({
      passed: ['b', 'c'],
      overridden: ['a'],
    });
  });

  it('knows the line of each word, also of one that is referred to', () => {
    const sources = [
      { file: '/etc/default/grub', text: '\nGRUB_CMDLINE_LINUX="a"\n' },
      { file: '/etc/default/grub.d/x.cfg', text: 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX b"\n' },
    ];
    expect(readGrubWords(sources).passed.map(({ source, line }) => `${source.file}:${line}`)).toEqual([
      '/etc/default/grub:2',
      '/etc/default/grub.d/x.cfg:1',
    ]);
  });
});
