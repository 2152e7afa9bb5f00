// Boots a lab host under software emulation, follows its console, and takes back what its job left.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { explainConsole, failedToBoot, isRunning, nameStage } from './console.ts';
import { makeInitramfs } from './initramfs.ts';
import type { LabKernel } from './kernels.ts';
import { makeTopologyArguments } from './qemu-topology.ts';
import { makeScratchDirectory } from './scratch-directory.ts';
import type { LabShape } from './shapes.ts';
import { makeLabTerminal } from './terminal.ts';

export interface LabBoot {
  readonly shape: LabShape;
  readonly kernel: LabKernel;
  readonly init: 'systemd' | 'plain';
  /** The directory that is its root file system; this machine's own if left out. */
  readonly root?: string;
  /** Kernel parameters of the scenario, such as `isolcpus=4-7`. */
  readonly parameters?: string;
  /** A shell script, run inside as root with `/lab` as its writable share. Its exit code is the boot's. */
  readonly job: string;
  /** Files of the share, by name. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** `terminal`: the job's terminal is ours. `file`: what it prints is in `output`. */
  readonly console: 'terminal' | 'file';
  readonly timeLimitS: number;
  /** More arguments for QEMU: a device that the job needs, or what makes it a VM in the eyes of somebody outside. */
  readonly devices?: readonly string[];
  /**
   * Time inside is how much the emulated CPUs have done, one after the other, so that it does not matter who takes this machine's CPUs away, or how
   * often: for measurements. Slower, and the more so the more CPUs the shape has.
   */
  readonly countsInstructions?: boolean;
  /** A stage of the boot has begun. */
  readonly onStage?: (stage: string) => void;
  /** Called several times a second while the host runs, with the share's path. */
  readonly onTick?: (share: string) => void;
  readonly signal?: AbortSignal;
}

export interface LabOutcome {
  /** Null when the host ended without a word of its job. */
  readonly exitCode: number | null;
  /** Why it ended like that; null when the job ended by itself. */
  readonly failure: string | null;
  readonly output: string;
  /** All that the kernel and init wrote. */
  readonly consoleLog: string;
}

const TICK_MS = 100;
/** npm runs every command of this project in its root. */
const UNITS = 'lab/host/units';

/** Times that a host is booted because the emulator failed, not the kernel. */
export const MOST_BOOTS = 3;

/**
 * Nothing is left behind, whether it succeeds, fails or is interrupted. Boots again where the emulator failed before the job began.
 * @throws Error when it cannot even start.
 */
export async function bootLabHost(boot: LabBoot): Promise<LabOutcome> {
  for (let left = MOST_BOOTS - 1; ; left--) {
    const outcome = await bootOnce(boot);
    if (outcome.exitCode !== null || left === 0 || boot.signal?.aborted || !failedToBoot(outcome.consoleLog))
      return outcome;
    boot.onStage?.('booting again, because the emulator failed');
  }
}

async function bootOnce(boot: LabBoot): Promise<LabOutcome> {
  const share = makeScratchDirectory();
  try {
    fillShare(share, boot);
    const child = startQemu(share, boot);
    const failure = await follow(child, share, boot);
    const exitCode = readText(share, 'exit-code').trim();
    const consoleLog = readText(share, 'console');
    const ended = /^\d+$/.test(exitCode) ? Number(exitCode) : null;
    return {
      exitCode: ended,
      failure: failure ?? (ended === null ? explainConsole(consoleLog) : null),
      output: readText(share, 'output'),
      consoleLog,
    };
  } finally {
    rmSync(share, { recursive: true, force: true });
  }
}

function fillShare(share: string, { shape, kernel, job, files = {} }: LabBoot): void {
  chmodSync(share, 0o755);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(share, name, '..'), { recursive: true });
    writeFileSync(join(share, name), content);
  }
  cpSync(UNITS, join(share, 'units'), { recursive: true });
  writeFileSync(join(share, 'project'), process.cwd());
  writeFileSync(join(share, 'offline'), (shape.offline ?? []).map(cpu => `${cpu}\n`).join(''));
  writeFileSync(join(share, 'job'), `${PREAMBLE}(\n${job}\n)\necho $? > /lab/exit-code\n`);
  writeFileSync(join(share, 'initramfs'), makeInitramfs(kernel, shape));
}

const PREAMBLE = `exec < /dev/ttyS1 > /dev/ttyS1 2>&1
export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM="\${TERM:-linux}"
echo 'lab: ready' > /dev/ttyS0
`;

function startQemu(share: string, boot: LabBoot): ChildProcess {
  const { shape, kernel, init, root = '/', parameters, console, devices = [], countsInstructions = false } = boot;
  const append = [
    'console=ttyS0 quiet loglevel=4 panic=-1 random.trust_cpu=on',
    ...EMULATION_PARAMETERS,
    ...(init === 'plain' ? [] : [SYSTEMD_PARAMETERS]),
    ...(parameters === undefined ? [] : [parameters]),
  ].join(' ');
  const program = [
    // The host must not outlive us, however we end.
    ...['setpriv', '--pdeathsig', 'KILL', 'qemu-system-x86_64'],
    // This model shows SMT siblings and one last-level cache for each die, on old kernels as well. Without `erms` programs copy memory
    // word by word: emulated string instructions go byte by byte.
    ...['-machine', 'q35', '-cpu', 'Skylake-Server,-erms', '-nodefaults', '-no-reboot'],
    ...['-name', 'lab,debug-threads=on'],
    ...(countsInstructions ? ['-accel', 'tcg,thread=single', '-icount', CLOCK] : ['-accel', 'tcg,thread=multi']),
    ...makeTopologyArguments(shape),
    ...['-kernel', kernel.image, '-initrd', join(share, 'initramfs'), '-append', append],
    ...['-display', 'none', '-serial', `file:${join(share, 'console')}`],
    ...(console === 'terminal'
      ? ['-chardev', 'stdio,id=job,signal=off']
      : ['-chardev', `file,id=job,path=${join(share, 'output')}`]),
    ...['-serial', 'chardev:job'],
    ...['-fsdev', `local,id=machine,path=${escapeCommas(root)},security_model=none,readonly=on,multidevs=remap`],
    ...['-device', 'virtio-9p-pci,fsdev=machine,mount_tag=machine'],
    // Wherever it lies: below /tmp, say, the machine's own files are hidden inside.
    ...[
      '-fsdev',
      `local,id=project,path=${escapeCommas(process.cwd())},security_model=none,readonly=on,multidevs=remap`,
    ],
    ...['-device', 'virtio-9p-pci,fsdev=project,mount_tag=project'],
    ...['-fsdev', `local,id=share,path=${share},security_model=none`],
    ...['-device', 'virtio-9p-pci,fsdev=share,mount_tag=share'],
    // Without its module nobody sees it. The queues' interrupts are the kernel's to place, the first one is not.
    ...['-drive', 'if=none,id=disk,driver=null-co,size=64M,read-zeroes=on', '-device', 'nvme,drive=disk,serial=lab'],
    ...devices,
  ];
  const words = openSync(join(share, 'qemu-words'), 'w');
  const job = console === 'terminal' ? 'pipe' : 'ignore';
  const [name = '', ...args] = program;
  const child = spawn(name, args, { stdio: [job, job, words] });
  closeSync(words);
  return child;
}

const escapeCommas = (path: string): string => path.replaceAll(',', ',,');

/** Each instruction takes 2² ns; while all CPUs sleep, time goes on as outside. */
const CLOCK = 'shift=2,sleep=on';

/** What makes emulated kernels faster or steadier, and changes nothing that scenarios are about. */
const EMULATION_PARAMETERS = [
  // Both cost emulation time, the second one for every page that is taken: 500 huge pages for a pool took 6.0 s with it, 0.3 s without.
  'mitigations=off init_on_alloc=0',
  // As `-erms` for programs: the kernel clears and copies pages without string instructions.
  'clearcpuid=rep_good',
  // On a busy machine the timer's interrupts come too late for a test of it, and the kernel gives up.
  'no_timer_check',
  // And there the kernel's watchdog takes the TSC for unstable, and would change to a clock that is a device, and slow to read.
  'tsc=reliable',
  // Tracing a scheduler's events patches its code, which goes wrong under emulation once other CPUs run it: on from the start, though silent
  // until a scenario wants them (see init.sh).
  'trace_event=sched:sched_switch,sched:sched_wakeup',
  // Cgroups and mounts wait for grace periods, which CPUs that do not run make long.
  'rcupdate.rcu_expedited=1',
];

const SYSTEMD_PARAMETERS =
  'lab.init=systemd systemd.unit=lab.target systemd.log_target=kmsg systemd.show_status=0 printk.devkmsg=on log_buf_len=16M';

/** Resolves when QEMU is gone; to the reason when we ended it or it never ran. */
function follow(child: ChildProcess, share: string, boot: LabBoot): Promise<string | null> {
  const { timeLimitS, onStage, onTick, signal } = boot;
  return new Promise(resolve => {
    let failure: string | null = null;
    let stage = '';
    const end = (reason: string) => {
      failure ??= reason;
      child.kill('SIGKILL');
    };
    const terminal = boot.console === 'terminal' ? makeLabTerminal(child, () => end('Ctrl-] was pressed')) : undefined;
    const limit = setTimeout(
      () => end(`It did not end within ${timeLimitS} s; the last stage was "${stage}"`),
      timeLimitS * 1000,
    );
    const look = () => {
      const now = nameStage(readText(share, 'console'));
      if (now !== stage) onStage?.(now);
      stage = now;
      if (isRunning(stage)) terminal?.begin();
      onTick?.(share);
    };
    const tick = setInterval(look, TICK_MS);
    const interrupt = () => end('It was interrupted');
    if (signal?.aborted) interrupt();
    signal?.addEventListener('abort', interrupt);
    const finish = () => {
      clearTimeout(limit);
      clearInterval(tick);
      signal?.removeEventListener('abort', interrupt);
      onTick?.(share);
      terminal?.end();
      resolve(failure);
    };
    child.on('exit', () => {
      // What the job said last is still to be read; of a job that never ran nobody reads, and `close` waits for that.
      look();
      if (!isRunning(stage)) child.stdout?.resume();
    });
    child.on('error', error => {
      failure = `QEMU cannot be started: ${error.message}`;
      finish();
    });
    child.on('close', code => {
      if (code !== 0) failure ??= `QEMU ended with code ${code}: ${readText(share, 'qemu-words').trim()}`;
      finish();
    });
  });
}

function readText(share: string, name: string): string {
  const path = join(share, name);
  return existsSync(path) ? readFileSync(path, 'latin1') : '';
}
