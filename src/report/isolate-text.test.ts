// Isolation at boot in words: every reason, obstacle and problem is a sentence, and the whole says what would be written.
import { describe, expect, it } from 'vitest';
import type {
  BootIsolation,
  IsolationReport,
  IsolationState,
  KernelProblem,
  UnknownLoader,
  WriteObstacle,
} from '#domain/boot-isolation.ts';
import { cpuSet } from '#domain/id-set.ts';
import { numaNodeId, vmId } from '#domain/ids.ts';
import { renderIsolate, renderIsolationState } from './isolate-text.ts';
import { makePaint } from './paint.ts';

const paint = makePaint(false);
const vmids = [vmId(100), vmId(101)];
const ISOLCPUS = 'isolcpus=managed_irq,domain,4-5';

const plan: BootIsolation = {
  ...{ cpus: cpuSet([4, 5]), rest: cpuSet([0, 1, 2, 3]) },
  parameters: [
    { name: 'isolcpus', words: [ISOLCPUS], vmids },
    { name: 'nohz_full', words: ['nohz_full=4-5'] },
    { name: 'irqaffinity', words: ['irqaffinity=0-3'] },
    {
      name: 'hugepages',
      words: ['hugepagesz=1G', 'hugepages=0:4'],
      pools: [{ node: numaNodeId(0), sizeKiB: 1048576, pages: 4, vmids }],
    },
  ],
  leftParameters: [{ name: 'rcu_nocbs', why: 'kernel-lacks' }],
  leftCpus: [{ cpus: cpuSet([0]), vmids: [vmId(102)], why: 'boot-core' }],
};

const report: IsolationReport = {
  ...{ node: 'pve1', state: 'planned', plan, obstacle: null },
  loader: { kind: 'found', loader: 'grub', signs: [{ source: '/proc/cmdline', text: 'BOOT_IMAGE=/vmlinuz\x1b[2J' }] },
  edit: { loader: 'grub', before: null, after: '', words: { before: ['isolcpus=9'], after: [ISOLCPUS] } },
  ...{ written: [], running: [], problems: [] },
  advice: [{ kind: 'partition', support: 'trusted' }, { kind: 'lost', cpus: cpuSet([4, 5]) }, { kind: 'agent-off' }],
};

const file = { path: '/etc/default/grub.d/zz-berth.cfg', command: 'update-grub' };
const render = (more: Partial<IsolationReport> = {}) =>
  renderIsolate({ report: { ...report, ...more }, simulated: false, file }, paint);

/** Ends as a sentence, and shows no control characters. */
const SENTENCE = /^[^\x00-\x09\x0b-\x1f]*[.:"]\n?$/;

describe('renderIsolate()', () => {
  it('shows what is asked of the kernel, what is not, and what would be written', () => {
    const text = render();
    for (const { words } of plan.parameters) expect(text).toContain(`\n  ${words.join(' ')}\n`);
    expect(text).toContain('rcu_nocbs is left out: this kernel was built without it');
    expect(text).toContain('CPUs 0 of 102 stay as they are: the kernel keeps time on the first CPU');
    expect(text).toContain('Usually not needed');
    expect(text).toContain('Boot loader  GRUB\n  /proc/cmdline: BOOT_IMAGE=/vmlinuz?[2J\n');
    expect(text).toContain(`${file.path}\n  - isolcpus=9\n  + ${ISOLCPUS}\n  then update-grub, and a reboot`);
  });

  it('says what to do first where nothing is dedicated', () => {
    const nothing = { ...plan, cpus: cpuSet(), parameters: [], leftCpus: [] };
    expect(render({ plan: nothing, edit: null })).toContain('`berth apply` comes first');
    expect(render({ plan: { ...nothing, leftCpus: plan.leftCpus }, edit: null })).toContain(
      'none of the dedicated CPUs',
    );
  });

  const unknown: readonly UnknownLoader[] = ['no-sign', 'signs-differ', 'unmanaged', 'no-defaults'];
  const obstacles: readonly WriteObstacle[] = [
    ...unknown.map(why => ({ kind: 'loader', why }) as const),
    { kind: 'conflict', words: [{ word: 'isolcpus=2', file: '/etc/default/grub', line: 7 }] },
    { kind: 'overridden', file: '/etc/default/grub.d/zzz.cfg' },
    { kind: 'no-kernel-line', isMissing: true },
    { kind: 'no-kernel-line', isMissing: false },
    { kind: 'open-quote' },
  ];

  it.each(obstacles)('says what is in the way: %j', obstacle => {
    const last = render({ obstacle, edit: null }).trimEnd().split('\n').at(-1) ?? '';
    expect(last).toMatch(/^✗ Nothing (can be|is) written/);
    expect(last).toMatch(SENTENCE);
  });

  it('names the place of what somebody else has written', () => {
    const words = [{ word: 'isolcpus=2', file: '/etc/default/grub', line: 7 }];
    expect(render({ obstacle: { kind: 'conflict', words }, edit: null })).toContain(
      'isolcpus=2 in /etc/default/grub:7',
    );
  });
});

describe('renderIsolationState()', () => {
  const state = (more: Partial<IsolationReport>) =>
    renderIsolationState({ report: { ...report, ...more }, simulated: true }, paint);

  it.each<[IsolationState, string]>([
    ['none', '~ Nothing is asked of the kernel'],
    ['planned', '~ Nothing is written yet'],
    ['reboot-needed', '~ A reboot is needed'],
    ['verified', '✓ The kernel does what it was asked'],
    ['not-as-asked', '✗ The kernel was booted with these parameters'],
  ])('says %s', (name, words) => {
    expect(state({ state: name })).toContain(`Isolation at boot on pve1  [simulated]\n${words}`);
  });

  const log = 'NO_HZ: Clearing 0 from nohz_full range for timekeeping';
  const problems: readonly KernelProblem[] = [
    { kind: 'doubled', parameter: 'isolcpus', values: ['2', '3'] },
    { kind: 'boot-cpu', parameter: 'nohz_full', cpus: cpuSet([1, 2, 3]), log },
    { kind: 'shortened', parameter: 'isolcpus', asked: cpuSet([4, 5]), taken: cpuSet(), log: null },
    {
      kind: 'unsupported',
      parameter: 'nohz_full',
      log: 'Housekeeping: nohz unsupported. Build with CONFIG_NO_HZ_FULL',
    },
    { kind: 'open-siblings', cpus: cpuSet([4]), siblings: cpuSet([20]) },
    { kind: 'not-isolated', cpus: cpuSet([6]) },
    { kind: 'pool-short', node: numaNodeId(1), sizeKiB: 2048, asked: 512, taken: 16 },
  ];

  it.each(problems)('explains $kind', problem => {
    const line =
      state({ state: 'not-as-asked', problems: [problem] })
        .trimEnd()
        .split('\n')
        .at(-1) ?? '';
    expect(line.replace(` [${problem.kind}]`, '')).toMatch(SENTENCE);
    if ('log' in problem && problem.log !== null) expect(line).toContain(`The kernel says: "${problem.log}"`);
  });
});
