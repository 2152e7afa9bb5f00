// Puts the lab host back to how it booted, between scenarios, and says what could not be put back.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stopContainers } from '../guest/container.ts';
import { settings } from './kernel-state.ts';
import { pollUntil } from './poll.ts';
import { tryProgram } from './run-program.ts';

const CGROUPS = '/sys/fs/cgroup';
const CPUS = '/sys/devices/system/cpu';
const NODES = '/sys/devices/system/node';
const EMPTIED = ['/etc/pve', '/var/lib/berth', '/run/berth', '/run/qemu-server', '/run/lock/berth'];

/** @param offline CPUs that this host's shape has offline. */
export async function resetHost(offline: readonly number[]): Promise<readonly string[]> {
  killGuests();
  stopContainers();
  tryProgram(['systemctl', 'stop', 'berth.service', 'qemu.slice', 'lab-job.slice']);
  tryProgram(['systemctl', 'reset-failed']);
  // systemd hears of a process's end in its own time, and then removes its scope.
  const isOver = () => listGuestProcesses().length === 0 && listScopes().length === 0;
  await pollUntil(20, isOver, 'guests still run').catch(() => {});
  for (const directory of EMPTIED) emptyDirectory(directory);
  restoreHugepages();
  dropCpusets();
  for (const cpu of listNumbered(CPUS, 'cpu')) setOnline(cpu, !offline.includes(cpu));
  restoreInterrupts();
  restoreSettings();
  restoreKernelThreads();
  return listLeftovers();
}

/** Masks of interrupts as they were when the host had booted, by file. */
const BOOTED_INTERRUPTS: ReadonlyMap<string, string> = readInterrupts();

function readInterrupts(): ReadonlyMap<string, string> {
  const files = [
    '/proc/irq/default_smp_affinity',
    ...readdirSync('/proc/irq').map(name => `/proc/irq/${name}/smp_affinity_list`),
  ];
  return new Map(files.filter(file => existsSync(file)).map(file => [file, readOr(file, '')]));
}

/** Those that the kernel places itself refuse, and are where it wants them. */
function restoreInterrupts(): void {
  for (const [file, mask] of BOOTED_INTERRUPTS) {
    if (readOr(file, mask) !== mask) tryWrite(file, mask);
  }
}

/** Settings of the kernel, by file. */
const BOOTED_SETTINGS: ReadonlyMap<string, string> = new Map(settings());

function restoreSettings(): void {
  for (const [file, text] of settings()) {
    const booted = BOOTED_SETTINGS.get(file) ?? text;
    // `always [madvise] never`: the word in brackets is in force.
    if (text !== booted) tryWrite(file, /\[(\w+)\]/.exec(booted)?.[1] ?? booted);
  }
}

/** Thread id → mask, of all kernel threads: those that may not be moved refuse. */
const BOOTED_THREADS: ReadonlyMap<string, string> = readKernelThreads();

function readKernelThreads(): ReadonlyMap<string, string> {
  return new Map(
    listNumbered('/proc', '').flatMap(pid => {
      const status = readOr(`/proc/${pid}/status`, '');
      const mask = /^Cpus_allowed_list:\t(.*)$/m.exec(status)?.[1];
      const isKernel = pid === 2 || /^PPid:\t2$/m.test(status);
      return isKernel && mask !== undefined ? [[`${pid}`, mask] as const] : [];
    }),
  );
}

function restoreKernelThreads(): void {
  for (const [pid, mask] of readKernelThreads()) {
    const booted = BOOTED_THREADS.get(pid);
    if (booted !== undefined && booted !== mask) tryProgram(['taskset', '--cpu-list', '--pid', booted, pid]);
  }
}

function killGuests(): void {
  for (const pid of listGuestProcesses()) process.kill(pid, 'SIGKILL');
}

/** QEMU, and storage daemons beside it. */
function listGuestProcesses(): readonly number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(
      pid =>
        /^qemu-(system|storage)/.test(readOr(`/proc/${pid}/comm`, '')) &&
        !/^State:\tZ/m.test(readOr(`/proc/${pid}/status`, '')),
    );
}

function emptyDirectory(directory: string): void {
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true, force: true });
}

/** Pages as the host was booted with them, by file. */
const BOOTED_HUGEPAGES: ReadonlyMap<string, string> = readHugepages();

function readHugepages(): ReadonlyMap<string, string> {
  const files = listNumbered(NODES, 'node').flatMap(node => {
    const sizes = `${NODES}/node${node}/hugepages`;
    return existsSync(sizes) ? readdirSync(sizes).map(size => join(sizes, size, 'nr_hugepages')) : [];
  });
  return new Map(files.map(file => [file, readOr(file, '0')]));
}

function restoreHugepages(): void {
  const mounts = readOr('/proc/self/mounts', '').matchAll(/^\S+ (\/run\/hugepages\/\S+) /gm);
  for (const [, directory = ''] of mounts) tryProgram(['umount', directory]);
  for (const [file, pages] of BOOTED_HUGEPAGES) writeFileSync(file, pages);
}

/** The cpuset controller off again, from the leaves up, which also ends every partition. */
function dropCpusets(): void {
  const below = readdirSync(CGROUPS, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter(entry => entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name))
    .sort((a, b) => b.length - a.length);
  for (const cgroup of [...below, CGROUPS]) {
    const control = join(cgroup, 'cgroup.subtree_control');
    if (readOr(control, '').includes('cpuset')) tryWrite(control, '-cpuset');
  }
}

function setOnline(cpu: number, online: boolean): void {
  const file = `${CPUS}/cpu${cpu}/online`;
  const wanted = online ? '1' : '0';
  // CPU 0 cannot be switched and has no such file.
  if (existsSync(file) && readOr(file, '').trim() !== wanted) writeFileSync(file, wanted);
}

function listLeftovers(): readonly string[] {
  const isolated = readOr(`${CGROUPS}/cpuset.cpus.isolated`, '').trim();
  const control = readOr(`${CGROUPS}/cgroup.subtree_control`, '');
  return [
    ...listGuestProcesses().map(pid => `process ${pid}`),
    ...listScopes().map(name => `cgroup ${name}`),
    ...(isolated === '' || isBootIsolated(isolated) ? [] : [`isolated CPUs ${isolated}`]),
    ...(control.includes('cpuset') ? ['the cpuset controller'] : []),
  ];
}

const listScopes = (): readonly string[] =>
  existsSync(`${CGROUPS}/qemu.slice`)
    ? readdirSync(`${CGROUPS}/qemu.slice`).filter(name => name.endsWith('.scope'))
    : [];

const isBootIsolated = (cpus: string): boolean => readOr(`${CPUS}/isolated`, '').trim() === cpus;

function listNumbered(directory: string, prefix: string): readonly number[] {
  return readdirSync(directory)
    .map(name => new RegExp(`^${prefix}(\\d+)$`).exec(name)?.[1])
    .filter(number => number !== undefined)
    .map(Number);
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return otherwise;
  }
}

function tryWrite(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch {
    // Whatever still holds it is found by `listLeftovers`.
  }
}
