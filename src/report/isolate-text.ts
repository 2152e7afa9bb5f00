// Isolation at boot for people: what is asked of the kernel and what that costs, where it is written, what came of it.

import type {
  BootLoader,
  BootParameter,
  FoundLoader,
  IsolationAdvice,
  IsolationReport,
  IsolationState,
  KernelProblem,
  LeftCpus,
  LeftParameter,
  UnknownLoader,
  WriteObstacle,
} from '#domain/boot-isolation.ts';
import { assertNever } from '#domain/errors.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { renderPageSize } from './memory-text.ts';
import type { Paint } from './paint.ts';
import { printable } from './printable.ts';

export interface IsolateView {
  readonly report: IsolationReport;
  readonly simulated: boolean;
  /** Of the file that the loader reads, and what is run then; null when the loader is not known. */
  readonly file: { readonly path: string; readonly command: string } | null;
}

/** The whole: state, plan, loader, and what stands in the way. */
export function renderIsolate({ report, simulated, file }: IsolateView, paint: Paint): string {
  const { plan, loader, edit, obstacle, advice } = report;
  const lines = [
    renderTitle(report, simulated, paint),
    ...renderState(report, paint),
    '',
    ...(plan.cpus.isEmpty ? [noPlan(report)] : renderPlan(report, paint)),
    ...plan.leftParameters.map(left => `${paint.warn('!')} ${describeLeftParameter(left)}`),
    ...plan.leftCpus.map(left => `${paint.dim('·')} ${describeLeftCpus(left)}`),
    ...advice.map(one => `${paint.dim('·')} ${describeAdvice(one)}`),
    '',
    ...renderLoader(loader, paint),
    ...(obstacle === null ? [] : [`${paint.bad('✗')} ${describeObstacle(obstacle)}`]),
    ...(edit === null || file === null ? [] : renderEdit(report, file, paint)),
  ];
  return `${lines.join('\n')}\n`;
}

/** What `--verify` prints. */
export function renderIsolationState({ report, simulated }: Omit<IsolateView, 'file'>, paint: Paint): string {
  return `${[renderTitle(report, simulated, paint), ...renderState(report, paint)].join('\n')}\n`;
}

const renderTitle = ({ node }: IsolationReport, simulated: boolean, paint: Paint): string =>
  `${paint.bold(`Isolation at boot on ${node}`)}${simulated ? paint.warn('  [simulated]') : ''}`;

function renderState({ state, written, running, problems, plan }: IsolationReport, paint: Paint): string[] {
  const mark = state === 'verified' ? paint.good('✓') : state === 'not-as-asked' ? paint.bad('✗') : paint.warn('~');
  const words = { none: [], planned: [], verified: running, 'not-as-asked': running, 'reboot-needed': written }[state];
  return [
    `${mark} ${STATES[state]}`,
    ...words.map(word => `    ${printable(word)}`),
    ...(state === 'verified' && !plan.cpus.isEmpty
      ? [`    CPUs ${encodeIdList(plan.cpus)} are kept clear; ${encodeIdList(plan.rest)} are everybody's`]
      : []),
    ...problems.map(problem => `${paint.bad('✗')} ${describeProblem(problem)} ${paint.dim(`[${problem.kind}]`)}`),
  ];
}

const STATES: Readonly<Record<IsolationState, string>> = {
  none: 'Nothing is asked of the kernel.',
  planned: 'Nothing is written yet.',
  'reboot-needed': 'A reboot is needed: the kernel that runs was booted with other parameters than are written now.',
  verified: 'The kernel does what it was asked.',
  'not-as-asked': 'The kernel was booted with these parameters, and not all is as it should be.',
};

const noPlan = ({ plan }: IsolationReport): string =>
  plan.leftCpus.length === 0
    ? 'No CPUs are dedicated to anybody by a placement in force, so there is nothing to isolate: `berth apply` comes first.'
    : 'There is nothing to isolate: none of the dedicated CPUs makes a whole core that could be.';

function renderPlan({ plan }: IsolationReport, paint: Paint): string[] {
  return [
    paint.bold(`CPUs ${encodeIdList(plan.cpus)}, whole cores, from the boot on:`),
    ...plan.parameters.flatMap(parameter => [
      `  ${parameter.words.join(' ')}`,
      paint.dim(`      ${describeParameter(parameter)}`),
    ]),
  ];
}

function describeParameter(parameter: BootParameter): string {
  switch (parameter.name) {
    case 'isolcpus':
      return `for ${parameter.vmids.join(', ')}: the scheduler puts nobody there, and devices that spread their interrupts leave them out. It does not balance there either: threads that may use several of these CPUs all stay on one.`;
    case 'nohz_full':
      return 'no timer tick while a single thread runs; in return each way into the kernel and out takes a little longer.';
    case 'rcu_nocbs':
      return "the kernel's deferred freeing (RCU callbacks) is done on other CPUs.";
    case 'irqaffinity':
      return 'interrupts begin on the other CPUs.';
    case 'hugepages':
      return `${parameter.pools.map(({ node, sizeKiB, pages, vmids }) => `${pages} of ${renderPageSize(sizeKiB)} on node ${node} for ${vmids.join(', ')}`).join('; ')}: taken before memory is in pieces, and nobody else's from then on.`;
    default:
      return assertNever(parameter);
  }
}

function describeLeftParameter({ name, why }: LeftParameter): string {
  const reasons: Readonly<Record<LeftParameter['why'], string>> = {
    'kernel-lacks': 'this kernel was built without it, and would only warn.',
    'kernel-unknown':
      'nothing tells whether this kernel can do it: neither /boot/config-RELEASE nor /proc/config.gz is there.',
    'by-node':
      'this kernel spreads pages over all nodes; hugepages=NODE:COUNT needs 5.16 and nodes that are numbered without a gap. Proxmox allocates them when guests start.',
    present: 'somebody asks for hugepages already, and that stays as it is.',
  };
  return `${name} is left out: ${reasons[why]}`;
}

function describeLeftCpus({ cpus, vmids, why }: LeftCpus): string {
  const reasons: Readonly<Record<LeftCpus['why'], string>> = {
    'boot-core': 'the kernel keeps time on the first CPU, whatever it is told, so its core is not isolated.',
    container: 'threads of a container are pinned by nobody, and would all stay on one of the isolated CPUs.',
    'shared-core': 'somebody else has a CPU of the same core.',
  };
  return `CPUs ${encodeIdList(cpus)} of ${vmids.join(', ')} stay as they are: ${reasons[why]}`;
}

function describeAdvice(advice: IsolationAdvice): string {
  switch (advice.kind) {
    case 'partition':
      return advice.support === 'trusted'
        ? 'Usually not needed. Pins keep guests apart, and `isolation: partition` in the policy keeps everybody else off, without a reboot and only while the guest runs.'
        : 'Usually not needed: pins alone keep guests apart. Measure with `berth bench` first.';
    case 'lost':
      return `CPUs ${encodeIdList(advice.cpus)} are lost to everybody else from the next boot on, also while their guests are stopped, and a change needs another reboot.`;
    case 'agent-off':
      return 'Every vCPU has to be pinned to its own CPU by somebody: enable the agent (`systemctl enable --now berth`) or the hookscript first.';
    case 'unused':
      return `CPUs ${encodeIdList(advice.cpus)} are isolated and dedicated to nobody: who is not pinned never uses them.`;
    default:
      return assertNever(advice);
  }
}

const LOADERS: Readonly<Record<BootLoader, string>> = {
  grub: 'GRUB',
  'grub-on-esp': 'GRUB on partitions that proxmox-boot-tool fills',
  'systemd-boot': 'systemd-boot on partitions that proxmox-boot-tool fills',
};

function renderLoader(loader: FoundLoader, paint: Paint): string[] {
  const name = loader.kind === 'found' ? LOADERS[loader.loader] : 'not known';
  return [
    `${paint.bold('Boot loader')}  ${name}`,
    ...loader.signs.map(({ source, text }) => paint.dim(`  ${printable(source)}: ${printable(text)}`)),
  ];
}

function renderEdit(
  { edit }: IsolationReport,
  { path, command }: NonNullable<IsolateView['file']>,
  paint: Paint,
): string[] {
  if (edit === null) return [];
  const { before, after } = edit.words;
  return [
    '',
    paint.bold(path),
    ...before.filter(word => !after.includes(word)).map(word => paint.bad(`  - ${printable(word)}`)),
    ...after.filter(word => !before.includes(word)).map(word => paint.good(`  + ${word}`)),
    `  then ${command}, and a reboot when it suits you`,
  ];
}

function describeObstacle(obstacle: WriteObstacle): string {
  switch (obstacle.kind) {
    case 'loader':
      return `Nothing can be written: ${UNKNOWN[obstacle.why]}`;
    case 'conflict': {
      const places = obstacle.words.map(({ word, file, line }) => `${printable(word)} in ${file}:${line}`);
      return `Nothing is written beside what somebody else asks for: ${places.join(', ')}. Take it out there, then run this again.`;
    }
    case 'overridden':
      return `Nothing can be written: GRUB would not pass it on, because ${obstacle.file} gives GRUB_CMDLINE_LINUX_DEFAULT another value. Let it begin with "$GRUB_CMDLINE_LINUX_DEFAULT".`;
    case 'no-kernel-line':
      return obstacle.isMissing
        ? 'Nothing can be written: /etc/kernel/cmdline is not there, so proxmox-boot-tool takes the line of the kernel that runs. Write that into it first, without its initrd.'
        : 'Nothing can be written: the first line of /etc/kernel/cmdline, all that systemd-boot gets, has no root=.';
    case 'open-quote':
      return 'Nothing can be written: the first line of /etc/kernel/cmdline has a quote (") that nobody closes, and the kernel would take what follows for a part of it. Close it first.';
    default:
      return assertNever(obstacle);
  }
}

const UNKNOWN: Readonly<Record<UnknownLoader, string>> = {
  'no-sign': 'nothing tells which boot loader starts this host. Add the parameters where yours has them.',
  'signs-differ':
    'what tells the boot loader does not agree (see above), and either may boot this host next. Put that right first: `proxmox-boot-tool status`, `efibootmgr -v`.',
  unmanaged: 'systemd-boot starts this host without proxmox-boot-tool. Add the parameters where its entries are made.',
  'no-defaults': 'this looks like GRUB, but /etc/default/grub is not there.',
};

/** A sentence or two, with what the kernel itself said. */
function describeProblem(problem: KernelProblem): string {
  const said = 'log' in problem && problem.log !== null ? ` The kernel says: "${printable(problem.log)}"` : '';
  switch (problem.kind) {
    case 'doubled':
      return `${problem.parameter} is given more than once: ${problem.values.map(printable).join(' and ')}. The kernel takes one of them, or none.`;
    case 'boot-cpu':
      return `${problem.parameter} names CPU 0, on which the kernel keeps time and serves interrupts all the same: in force for CPUs ${encodeIdList(problem.cpus)}.${said}`;
    case 'shortened':
      return `${problem.parameter} asks for CPUs ${encodeIdList(problem.asked)}; in force for ${encodeIdList(problem.taken) || 'none'}.${said}`;
    case 'unsupported':
      return `${problem.parameter} has no effect: this kernel was built without it.${said}`;
    case 'open-siblings':
      return `CPUs ${encodeIdList(problem.siblings)} are not isolated, and share their cores with ${encodeIdList(problem.cpus)}, which are: whatever runs there takes half of the core.`;
    case 'not-isolated':
      return `CPUs ${encodeIdList(problem.cpus)} are dedicated, and not isolated.`;
    case 'pool-short':
      return `Node ${problem.node} has ${problem.taken} of ${problem.asked} hugepages of ${renderPageSize(problem.sizeKiB)}.`;
    default:
      return assertNever(problem);
  }
}
