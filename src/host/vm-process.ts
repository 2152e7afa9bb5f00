// Finds the QEMU process of a VM; a pid file alone proves nothing, since it outlives its process and pids are reused.
import { type VmId, vmId } from '#domain/ids.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { parseProcStat } from '#topology/parse-proc-stat.ts';
import { HostError } from './host-error.ts';
import { readParsed } from './read-parsed.ts';

export interface VmProcess {
  readonly pid: number;
  /** Clock ticks since boot; with the pid it names one process for ever. */
  readonly startTime: number;
}

/** VMs of which Proxmox left a pid file, ascending; some may have ended. */
export function listPidFiles(host: TextTree): readonly VmId[] {
  return host
    .list('/run/qemu-server')
    .flatMap(name => /^([1-9]\d{2,8})\.pid$/.exec(name)?.[1] ?? [])
    .map(text => vmId(Number(text)))
    .sort((a, b) => a - b);
}

/**
 * Null when the VM does not run: no pid file, or one whose process is gone or is another's.
 * @param known what was found before: a process that still runs is not asked again what it is
 * @throws HostError for a pid file that holds no pid.
 */
export function readVmProcess(host: TextTree, vmid: VmId, known: VmProcess | null = null): VmProcess | null {
  const path = `/run/qemu-server/${vmid}.pid`;
  const text = host.read(path);
  // Empty: QEMU is just starting, and writes it any moment.
  if (text === null || text === '') return null;
  const pid = /^([1-9]\d{0,9})\s*$/.exec(text)?.[1];
  if (pid === undefined)
    throw new HostError('failed', `Cannot parse ${path}: "${text.slice(0, 40)}" is not a process id`);
  const startTime = readStartTime(host, Number(pid));
  if (known?.pid === Number(pid) && known.startTime === startTime) return known;
  const commandLine = host.read(`/proc/${pid}/cmdline`);
  if (startTime === null || commandLine === null || !isQemuOf(commandLine.split('\0'), vmid)) return null;
  return { pid: Number(pid), startTime };
}

/** Null when there is no such process. */
export function readStartTime(host: TextTree, pid: number): number | null {
  return readParsed(host, `/proc/${pid}/stat`, parseProcStat)?.startTime ?? null;
}

/** As Proxmox itself decides it: the process was told to write this very pid file. It says `/var/run`, which is a link to `/run`. */
function isQemuOf(argv: readonly string[], vmid: VmId): boolean {
  const option = argv.indexOf('-pidfile');
  return option >= 0 && argv[option + 1]?.replace(/^\/var\/run\//, '/run/') === `/run/qemu-server/${vmid}.pid`;
}
