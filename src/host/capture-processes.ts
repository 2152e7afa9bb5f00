// What a capture keeps of processes: masks, last CPUs and pages by node; names only where they are well known.
import { ParseError } from '#domain/errors.ts';
import type { VmId } from '#domain/ids.ts';
import { kernelThreadPath, parseKernelThreadPath } from '#domain/kernel-setting.ts';
import type { TextTree, Unknown } from '#domain/text-tree.ts';
import type { Pseudonyms } from '#proxmox/pseudonyms.ts';
import { sumNumaPages } from '#topology/parse-proc-numa-maps.ts';
import { parseProcStat } from '#topology/parse-proc-stat.ts';
import type { CapturedFiles } from './capture-kernel-files.ts';
import { FOUND_SETTINGS_PATH, readFoundSettings } from './found-settings.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { readKernelThread } from './kernel-threads.ts';
import { qmpSocketPath } from './query-vm-threads.ts';
import { readVmProcess } from './vm-process.ts';

/** Kernel threads, the host's own services, and QEMU's threads. */
const KNOWN_NAME =
  /^((kworker|ksoftirqd|migration|cpuhp|idle_inject|irq|watchdog|rcu\w*|kswapd\d*|kcompactd\d*)\b[\w/:+.-]*|k(threadd|smd|smtuned|hugepaged|vm)|systemd|irqbalance|swtpm|virtiofsd|qemu-storage-\w+|pmxcfs|corosync|pve[\w-]+|ceph-\w+|zfs|z_\w+|arc_\w+|txg_\w+|spl_\w+|dbuf?_evict|qemu-system-\w+|CPU \d+\/(KVM|TCG)|call_rcu|vnc_worker|worker|vhost-\d+|iothread\d*|IO \w+)$/;

const KEPT_STATUS_LINES = /^(Tgid|Pid|PPid|Threads|Cpus_allowed|Cpus_allowed_list|Mems_allowed|Mems_allowed_list):/;

/** All processes as `verify` sees them: main threads, with their masks; of the kernel's own threads also whether anybody can move them. */
export function captureTasks(tree: TextTree, files: CapturedFiles): void {
  for (const pid of tree.list('/proc').filter(name => /^\d+$/.test(name))) {
    const status = tree.read(`/proc/${pid}/status`);
    const comm = tree.read(`/proc/${pid}/comm`);
    // Ended since the directory was listed.
    if (status === null || comm === null) continue;
    files.set(`/proc/${pid}/status`, reduceStatus(status));
    files.set(`/proc/${pid}/comm`, `${redactName(comm.trim())}\n`);
    captureKernelThread(tree, Number(pid), files);
  }
}

function captureKernelThread(tree: TextTree, tid: number, files: CapturedFiles): void {
  const thread = readKernelThread(tree, tid);
  const stat = thread === null ? null : tree.read(`/proc/${tid}/stat`);
  if (thread !== null && stat !== null) files.set(`/proc/${tid}/stat`, reduceStat(stat, redactName(thread.name)));
}

/** What settings of the kernel were before Berth changed them; without it the capture of a quiet host would tell of one that was born so. */
export function captureFoundSettings(tree: TextTree, files: CapturedFiles): void {
  const kept = [...readFoundSettings(tree)].filter(([, value]) => /^[\w,-]*$/.test(value));
  const lines = kept.map(([path, value]) => {
    const thread = parseKernelThreadPath(path);
    return `${thread === null ? path : kernelThreadPath(thread.tid, redactName(thread.name))}\t${value}\n`;
  });
  if (lines.length > 0) files.set(FOUND_SETTINGS_PATH, lines.join(''));
}

/** Of a running VM: its pid file, its process with all threads, and QEMU's answers. Returns what could not be had. */
export async function captureVmProcess(
  host: Host,
  vmid: VmId,
  { files, names }: { readonly files: CapturedFiles; readonly names: Pseudonyms },
): Promise<readonly Unknown[]> {
  const vmProcess = readVmProcess(host, vmid);
  if (vmProcess === null) return [];
  const { pid } = vmProcess;
  files.set(`/run/qemu-server/${vmid}.pid`, `${pid}\n`);
  files.set(`/proc/${pid}/cmdline`, ['kvm', '-pidfile', `/run/qemu-server/${vmid}.pid`, ''].join('\0'));
  const maps = host.read(`/proc/${pid}/numa_maps`);
  if (maps !== null) files.set(`/proc/${pid}/numa_maps`, reduceNumaMaps(maps));
  for (const directory of [`/proc/${pid}`, ...host.list(`/proc/${pid}/task`).map(tid => `/proc/${pid}/task/${tid}`)]) {
    const status = host.read(`${directory}/status`);
    const stat = host.read(`${directory}/stat`);
    if (status === null || stat === null) continue;
    const name = redactName(parseProcStat(stat).comm);
    files.set(`${directory}/status`, reduceStatus(status));
    files.set(`${directory}/stat`, reduceStat(stat, name));
    files.set(`${directory}/comm`, `${name}\n`);
  }
  return captureQmpAnswers(host, vmid, { files, names });
}

async function captureQmpAnswers(
  host: Host,
  vmid: VmId,
  { files, names }: { readonly files: CapturedFiles; readonly names: Pseudonyms },
): Promise<readonly Unknown[]> {
  const path = `${qmpSocketPath(vmid)}.json`;
  try {
    const { vcpus, iothreads } = await host.queryVmThreads(vmid);
    const answers = {
      'query-cpus-fast': vcpus.map(({ index, tid }) => ({ 'cpu-index': index, 'thread-id': tid })),
      'query-iothreads': iothreads.map(({ id, tid }) => ({ id: redactIothread(id, names), 'thread-id': tid })),
    };
    files.set(path, `${JSON.stringify(answers, null, 1)}\n`);
    return [];
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return [{ path, reason: error.message }];
  }
}

const redactName = (name: string): string => (KNOWN_NAME.test(name) ? name : 'process');

/** Proxmox names them after the controller; anything else was somebody's idea. */
const redactIothread = (id: string, names: Pseudonyms): string =>
  /^iothread-?(virtioscsi|virtio|scsi)?\d*$/.test(id) ? id : names.of('iothread', id);

function reduceStatus(status: string): string {
  const kept = status.split('\n').filter(line => KEPT_STATUS_LINES.test(line));
  return kept.map(line => `${line}\n`).join('');
}

/** Fields 9, 22, 39, 40 and 41 stay: flags, start time, last CPU, real-time priority and policy; the others become 0. */
function reduceStat(stat: string, name: string): string {
  const { startTime, lastCpu } = parseProcStat(stat);
  // After the name, which may hold anything, come the fields from 3 on.
  const all = stat.slice(stat.lastIndexOf(')') + 2).trim();
  const number = (index: number): string => all.split(/\s+/)[index]?.match(/^\d+$/)?.[0] ?? '0';
  const kept: Readonly<Record<number, string>> = {
    ...{ 0: 'S', 6: number(6), 19: `${startTime}`, 36: `${lastCpu}` },
    ...{ 37: number(37), 38: number(38) },
  };
  const fields = Array.from({ length: 50 }, (_, index) => kept[index] ?? '0');
  return `${Number.parseInt(stat, 10)} (${name}) ${fields.join(' ')}\n`;
}

/** One line for each page size, with the sums: addresses and file names go. */
function reduceNumaMaps(maps: string): string {
  try {
    return [...sumNumaPages(maps)]
      .map(([pageKiB, pages]) => {
        const counts = [...pages].map(([node, count]) => `N${node}=${count}`);
        return `0 default ${counts.join(' ')} kernelpagesize_kB=${pageKiB}\n`;
      })
      .join('');
  } catch (error) {
    // Left for whoever reads the capture to stumble over, as the live host would make them.
    if (error instanceof ParseError) return '0 default N0=1\n';
    throw error;
  }
}
