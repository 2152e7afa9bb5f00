// Starts a real QEMU (software emulation, no disk) the way Proxmox starts a VM: pid file, QMP socket, thread names, daemonized.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface QemuGuestOptions {
  readonly vmid: number;
  readonly name?: string;
  readonly sockets?: number;
  readonly cores?: number;
  /** Plugged at start; default `sockets` × `cores`. */
  readonly vcpus?: number;
  readonly memoryMiB?: number;
  /** Ids of iothread objects; default `iothread0`. */
  readonly iothreads?: readonly string[];
  /** A CPU list for `taskset`, as the config's `affinity`. */
  readonly affinity?: string;
  /** `-S`: the vCPUs exist and do not run. Default true, which spares the machine. */
  readonly paused?: boolean;
  /** What runs inside; default nothing but the firmware, which halts. */
  readonly kernel?: string;
  /** Default `/run/qemu-server`, which must exist: see `private-mounts.ts`. */
  readonly runDirectory?: string;
}

export interface QemuGuest {
  readonly vmid: number;
  readonly pid: number;
  readonly pidFile: string;
  readonly qmpSocket: string;
  /** Kills the process and waits until it is gone; harmless when it already is. The pid file stays, as after a crash. */
  kill(): Promise<void>;
  /** `kill()`, and removes pid file and socket, as after an orderly stop. */
  stop(): Promise<void>;
}

/** Returns when QEMU has made its threads and listens. @throws Error with QEMU's own words when it does not start. */
export function startQemuGuest({
  vmid,
  name = `guest${vmid}`,
  sockets = 1,
  cores = 2,
  vcpus = sockets * cores,
  memoryMiB = 64,
  iothreads = ['iothread0'],
  affinity,
  paused = true,
  kernel,
  runDirectory = '/run/qemu-server',
}: QemuGuestOptions): QemuGuest {
  const pidFile = `${runDirectory}/${vmid}.pid`;
  const qmpSocket = `${runDirectory}/${vmid}.qmp`;
  const argv = [
    ...(affinity === undefined ? [] : ['taskset', '--cpu-list', '--all-tasks', affinity]),
    'qemu-system-x86_64',
    // Proxmox's build also takes `-id VMID`, which other builds refuse.
    ...['-name', `${name},debug-threads=on`, '-no-shutdown'],
    ...['-chardev', `socket,id=qmp,path=${qmpSocket},server=on,wait=off`, '-mon', 'chardev=qmp,mode=control'],
    ...['-pidfile', pidFile, '-daemonize', '-accel', 'tcg,thread=multi'],
    ...['-smp', `${vcpus},sockets=${sockets},cores=${cores},maxcpus=${sockets * cores}`, '-m', `${memoryMiB}`],
    ...iothreads.flatMap(id => ['-object', `iothread,id=${id}`]),
    ...['-nodefaults', '-display', 'none'],
    ...(kernel === undefined ? [] : ['-kernel', kernel, '-append', 'notouch']),
    ...(paused ? ['-S'] : []),
  ];
  const [program = '', ...args] = argv;
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`QEMU for guest ${vmid} did not start: ${error?.message ?? stderr}`);
  const pid = Number(readFileSync(pidFile, 'latin1'));
  const kill = () => killProcess(pid);
  const stop = async () => {
    await kill();
    for (const file of [pidFile, qmpSocket]) rmSync(file, { force: true });
  };
  return { vmid, pid, pidFile, qmpSocket, kill, stop };
}

async function killProcess(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
  // A daemon's corpse is collected by init, at its leisure; what counts is that no thread of it runs any more.
  while (hasThreads(pid)) await sleep(5);
}

/** False for a zombie whose other threads have all ended. */
function hasThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1 || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
