// Files of boot loaders as hosts have them, well kept or not: what is written into them, and what is in the way.
import { describe, expect, it } from 'vitest';
import type { BootLoader } from '#domain/boot-isolation.ts';
import type { BootTexts } from './boot-config.ts';
import { GRUB_SNIPPET, KERNEL_LINE } from './boot-files.ts';
import { type MadeEdit, makeBootEdit, ownWords } from './make-boot-edit.ts';

const WORDS = ['isolcpus=managed_irq,domain,4-7', 'nohz_full=4-7', 'rcu_nocbs=4-7', 'irqaffinity=0-3'];
const LINE = WORDS.join(' ');

/** By their paths, `grub` for `/etc/default/grub` and `NAME.cfg` for what is below `grub.d`. */
type Files = Readonly<Record<string, string>>;

function textsOf(files: Files): BootTexts {
  const source = (file: string, text: string | undefined) => (text === undefined ? null : { file, text });
  const snippets = Object.keys(files).filter(name => name.endsWith('.cfg'));
  return {
    commandLine: null,
    kernelCommandLine: source(KERNEL_LINE, files.line),
    bootUuids: null,
    grub: source('/etc/default/grub', files.grub),
    grubSnippets: snippets.sort().map(name => ({ file: `/etc/default/grub.d/${name}`, text: files[name] ?? '' })),
  };
}

const edit = (loader: BootLoader, files: Files, { own = [] as readonly string[], words = WORDS } = {}): MadeEdit =>
  makeBootEdit({ loader, texts: textsOf(files), own, words });

function written(made: MadeEdit) {
  if (made.kind !== 'edit') throw new Error(JSON.stringify(made));
  return made.edit;
}

const GRUB = 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX=""\n';
const SNIPPET = `# Written by \`berth isolate\`; \`berth isolate --undo\` takes it away. Entries for recovery start without these parameters.
GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT ${LINE}"
`;

describe('makeBootEdit() for GRUB', () => {
  it('adds a file of its own, and touches no other', () => {
    expect(written(edit('grub', { grub: GRUB }))).toEqual({
      loader: 'grub',
      before: null,
      after: SNIPPET,
      words: { before: [], after: WORDS },
    });
  });

  it.each<[string, Files]>([
    ['comments about the same', { grub: `# isolcpus=4-7 was tried\n${GRUB}` }],
    ['continued lines', { grub: 'GRUB_CMDLINE_LINUX_DEFAULT="quiet \\\n  iommu=pt"\n' }],
    ['single quotes', { grub: "GRUB_CMDLINE_LINUX_DEFAULT='quiet'\n" }],
    ['lines that end as on Windows', { grub: GRUB.replaceAll('\n', '\r\n') }],
    ['no final newline', { grub: 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"' }],
    [
      'several snippets',
      { grub: GRUB, 'installer.cfg': '# x\n', 'zfs.cfg': 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX boot=zfs"\n' },
    ],
    ['a parameter that a later line took away', { grub: 'GRUB_CMDLINE_LINUX="isolcpus=2-3"\nGRUB_CMDLINE_LINUX=""\n' }],
    [
      'a snippet behind ours that adds, too',
      { grub: GRUB, 'zzz.cfg': 'GRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT x"\n' },
    ],
  ])('writes the same beside %s', (_, files) => {
    expect(written(edit('grub', files)).after).toBe(SNIPPET);
  });

  it('changes its own file when the plan is another one', () => {
    const own = ['isolcpus=managed_irq,domain,4'];
    const files = { grub: GRUB, 'zz-berth.cfg': SNIPPET.replace(LINE, own.join(' ')) };
    const texts = textsOf(files);
    expect(ownWords('grub', texts, [])).toEqual(own);
    expect(written(edit('grub', files, { own }))).toMatchObject({
      after: SNIPPET,
      words: { before: own, after: WORDS },
    });
  });

  it('removes its own file when nothing is to be asked for any more, whatever others ask', () => {
    const files = { grub: 'GRUB_CMDLINE_LINUX="isolcpus=2"\n', 'zz-berth.cfg': SNIPPET };
    expect(written(edit('grub', files, { own: WORDS, words: [] })).after).toBeNull();
  });

  it('does not say again what somebody else says word for word', () => {
    const files = { grub: 'GRUB_CMDLINE_LINUX="irqaffinity=0-3 nohz_full=4-7"\n' };
    expect(written(edit('grub', files)).words.after).toEqual([WORDS[0], WORDS[2]]);
  });

  it.each<[string, Files, string]>([
    [
      'in its defaults',
      { grub: 'A=1\nGRUB_CMDLINE_LINUX_DEFAULT="quiet isolcpus=2-3"\n' },
      'isolcpus=2-3 /etc/default/grub:2',
    ],
    ['in the other variable', { grub: 'GRUB_CMDLINE_LINUX="nohz_full=2-3"\n' }, 'nohz_full=2-3 /etc/default/grub:1'],
    [
      'in a snippet',
      { grub: GRUB, 'a.cfg': '\nGRUB_CMDLINE_LINUX="rcu_nocbs=all"\n' },
      'rcu_nocbs=all /etc/default/grub.d/a.cfg:2',
    ],
    ['in a continued line', { grub: 'GRUB_CMDLINE_LINUX="quiet \\\n isolcpus=2"\n' }, 'isolcpus=2 /etc/default/grub:2'],
    [
      'through another variable',
      { grub: 'MINE="isolcpus=2"\nGRUB_CMDLINE_LINUX="$MINE"\n' },
      'isolcpus=2 /etc/default/grub:1',
    ],
    [
      'where nobody can tell',
      { grub: `${GRUB}[ -f /x ] && GRUB_CMDLINE_LINUX="isolcpus=2"\n` },
      'isolcpus=2 /etc/default/grub:4',
    ],
    [
      'with the same CPUs in other words',
      { grub: 'GRUB_CMDLINE_LINUX="isolcpus=4-7"\n' },
      'isolcpus=4-7 /etc/default/grub:1',
    ],
  ])('refuses beside another value %s', (_, files, place) => {
    const made = edit('grub', files);
    const words = made.kind === 'obstacle' && made.obstacle.kind === 'conflict' ? made.obstacle.words : [];
    expect(words.map(({ word, file, line }) => `${word} ${file}:${line}`)).toEqual([place]);
  });

  it('refuses where a later file takes it away again', () => {
    const files = { grub: GRUB, 'zzz.cfg': 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"\n' };
    expect(edit('grub', files)).toEqual({
      kind: 'obstacle',
      obstacle: { kind: 'overridden', file: '/etc/default/grub.d/zzz.cfg' },
    });
  });

  it('writes nothing when all is there', () => {
    expect(edit('grub', { grub: GRUB, 'zz-berth.cfg': SNIPPET }, { own: WORDS })).toEqual({ kind: 'nothing' });
    expect(edit('grub', { grub: GRUB }, { words: [] })).toEqual({ kind: 'nothing' });
    expect(GRUB_SNIPPET).toBe('/etc/default/grub.d/zz-berth.cfg');
  });
});

describe('makeBootEdit() for systemd-boot', () => {
  it.each([
    ['a line', 'root=ZFS=rpool/ROOT/pve-1 boot=zfs\n', `root=ZFS=rpool/ROOT/pve-1 boot=zfs ${LINE}\n`],
    ['no final newline', 'root=x', `root=x ${LINE}`],
    ['a line that ends as on Windows', 'root=x quiet\r\n', `root=x quiet ${LINE}\r\n`],
    ['later lines', 'root=x\nisolcpus=2-3\n', `root=x ${LINE}\nisolcpus=2-3\n`],
  ])('adds to %s and keeps everything else', (_, line, after) => {
    expect(written(edit('systemd-boot', { line }))).toEqual({
      loader: 'systemd-boot',
      before: line,
      after,
      words: { before: [], after: WORDS },
    });
  });

  it('replaces what the journal says is ours', () => {
    const own = ['isolcpus=managed_irq,domain,4'];
    const line = `root=x ${own[0]} quiet\n`;
    expect(ownWords('systemd-boot', textsOf({ line }), [...own, 'nohz_full=9'])).toEqual(own);
    expect(written(edit('systemd-boot', { line }, { own })).after).toBe(`root=x quiet ${LINE}\n`);
    expect(written(edit('systemd-boot', { line }, { own, words: [] })).after).toBe('root=x quiet\n');
  });

  it('refuses beside another value', () => {
    expect(edit('systemd-boot', { line: 'root=x isolcpus=2-3\n' })).toEqual({
      kind: 'obstacle',
      obstacle: { kind: 'conflict', words: [{ word: 'isolcpus=2-3', file: KERNEL_LINE, line: 1 }] },
    });
  });

  it('refuses a line with a quote that nobody closes, within which the kernel would take all of it', () => {
    expect(edit('systemd-boot', { line: 'root=x note="see below\n' })).toEqual({
      kind: 'obstacle',
      obstacle: { kind: 'open-quote' },
    });
    expect(edit('systemd-boot', { line: 'root=x note="see below"\nlater "\n' }).kind).toBe('edit');
    const undone = edit('systemd-boot', { line: `root=x ${LINE} note="see\n` }, { own: WORDS, words: [] });
    expect(written(undone).after).toBe('root=x note="see\n');
  });

  it.each<[string, Files, boolean]>([
    ['no file', {}, true],
    ['an empty file', { line: '' }, false],
    ['no root in its first line', { line: '# made by hand\nroot=x\n' }, false],
  ])('refuses with %s', (_, files, isMissing) => {
    expect(edit('systemd-boot', files)).toEqual({ kind: 'obstacle', obstacle: { kind: 'no-kernel-line', isMissing } });
  });
});
