// Reads all that isolation at boot is decided and judged by: the files of boot loaders, what tells which one it is, and the kernel that runs.
import { gunzipSync } from 'node:zlib';
import type { BootTexts } from '#boot/boot-config.ts';
import type { LoaderClues } from '#boot/find-boot-loader.ts';
import { BOOT_CURRENT, parseBootCurrent, parseBootEntry } from '#boot/firmware-program.ts';
import { makeKernelAbilities } from '#boot/kernel-abilities.ts';
import type { KernelAbilities } from '#domain/boot-isolation.ts';
import { parseCpuMask } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { SourceText, TextTree } from '#domain/text-tree.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { readKernelLog } from './kernel-log.ts';
import { runCommand } from './run-command.ts';

export interface BootState {
  readonly clues: LoaderClues;
  readonly kernel: KernelAbilities;
  readonly interruptCpus: CpuSet | null;
  readonly log: readonly string[] | null;
}

const SNIPPETS = '/etc/default/grub.d';
const VARIABLES = '/sys/firmware/efi/efivars';

export async function readBootState(host: Host): Promise<BootState> {
  const texts = readBootTexts(host);
  const mask = host.read('/proc/irq/default_smp_affinity');
  return {
    clues: { texts, toolStatus: await readToolStatus(host, texts), firmwareProgram: readFirmwareProgram(host) },
    kernel: readKernelAbilities(host),
    interruptCpus: mask === null ? null : parseCpuMask(mask),
    log: await readKernelLog(host),
  };
}

function readBootTexts(tree: TextTree): BootTexts {
  const source = (file: string): SourceText | null => {
    const text = tree.read(file);
    return text === null ? null : { file, text };
  };
  // As the shell expands `*.cfg`: names that begin with a dot are left out.
  const snippets = tree.list(SNIPPETS).filter(name => /^[^.].*\.cfg$/.test(name));
  return {
    commandLine: source('/proc/cmdline'),
    kernelCommandLine: source('/etc/kernel/cmdline'),
    bootUuids: source('/etc/kernel/proxmox-boot-uuids'),
    grub: source('/etc/default/grub'),
    grubSnippets: snippets.flatMap(name => source(`${SNIPPETS}/${name}`) ?? []),
  };
}

/** It mounts its partitions to look at them. */
const STATUS_TIMEOUT_MS = 60_000;

/** Null where there is nothing to ask, or no answer: the other signs have to do then. */
async function readToolStatus({ simulated }: Host, { bootUuids }: BootTexts): Promise<string | null> {
  if (simulated || bootUuids === null) return null;
  try {
    return (await runCommand(['proxmox-boot-tool', 'status'], { timeoutMs: STATUS_TIMEOUT_MS })).stdout;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return null;
  }
}

function readFirmwareProgram(tree: TextTree): string | null {
  const entry = parseBootCurrent(tree.read(`${VARIABLES}/${BOOT_CURRENT}`) ?? '');
  return entry === null ? null : parseBootEntry(tree.read(`${VARIABLES}/${entry}`) ?? '');
}

function readKernelAbilities(tree: TextTree): KernelAbilities {
  const release = tree.read('/proc/sys/kernel/osrelease')?.trim() ?? '';
  return makeKernelAbilities({
    release,
    config: tree.read(`/boot/config-${release}`) ?? unpack(tree.read('/proc/config.gz') ?? ''),
    hasNohzFile: tree.read('/sys/devices/system/cpu/nohz_full') !== null,
  });
}

/** Some hundred kilobytes, unless a captured tree is up to something. */
const LARGEST_CONFIG_BYTES = 16 * 1024 * 1024;

/** Null for what is not packed, or damaged. */
function unpack(text: string): string | null {
  try {
    return gunzipSync(Buffer.from(text, 'latin1'), { maxOutputLength: LARGEST_CONFIG_BYTES }).toString('latin1');
  } catch {
    return null;
  }
}
