// Asks which threads a VM has: QEMU itself on a live host, its recorded answers on a captured one.
import { lstatSync } from 'node:fs';
import { ParseError } from '#domain/errors.ts';
import type { VmId } from '#domain/ids.ts';
import { hostErrorFrom } from './errno.ts';
import type { Host, VmThreadIds } from './host.ts';
import { HostError } from './host-error.ts';
import { parseVmThreadIds } from './parse-vm-thread-ids.ts';
import { runQmp } from './qmp.ts';

/** Proxmox starts every VM with a QMP socket of this name. */
export const qmpSocketPath = (vmid: VmId): string => `/run/qemu-server/${vmid}.qmp`;

export async function queryVmThreads(host: Pick<Host, 'simulated' | 'read'>, vmid: VmId): Promise<VmThreadIds> {
  const socket = qmpSocketPath(vmid);
  const source = host.simulated ? `${socket}.json` : socket;
  const [cpus, iothreads] = host.simulated ? readRecorded(host, source) : await askQemu(socket);
  try {
    return parseVmThreadIds(cpus, iothreads);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new HostError('failed', `${source}: ${error.message}`, { cause: error });
  }
}

async function askQemu(socket: string): Promise<readonly unknown[]> {
  try {
    if (!lstatSync(socket).isSocket())
      throw new HostError('failed', `Cannot connect to QEMU at ${socket}: not a socket`);
  } catch (error) {
    throw hostErrorFrom(`Cannot connect to QEMU at ${socket}`, error);
  }
  return runQmp(socket, [{ execute: 'query-cpus-fast' }, { execute: 'query-iothreads' }]);
}

function readRecorded(host: Pick<Host, 'read'>, path: string): readonly unknown[] {
  const text = host.read(path);
  if (text === null) throw new HostError('missing', `Cannot ask QEMU: the captured tree has no ${path}`);
  try {
    const recorded: Readonly<Record<string, unknown>> = JSON.parse(text);
    return [recorded['query-cpus-fast'], recorded['query-iothreads']];
  } catch (error) {
    throw new HostError('failed', `Cannot parse ${path}: it is not a JSON object`, { cause: error });
  }
}
