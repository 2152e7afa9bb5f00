// The mark of a measurement that is under way. It counts while the process that made it lives, so nothing has to take it away.
import { type VmId, vmId } from '#domain/ids.ts';
import type { TextTree } from '#domain/text-tree.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { readStartTime } from './vm-process.ts';

const MARK = '/run/berth/bench';

export interface BenchMark {
  readonly vmid: VmId;
  readonly pid: number;
}

/** Null when nothing is being measured. Example of the file: `100 4711 123456`, a VMID, a process and its start time. */
export function readBenchMark(host: TextTree): BenchMark | null {
  const [, vmid, pid, startTime] = /^(\d{1,9}) (\d+) (\d+)\n$/.exec(host.read(MARK) ?? '') ?? [];
  if (vmid === undefined || readStartTime(host, Number(pid)) !== Number(startTime)) return null;
  return { vmid: vmId(Number(vmid)), pid: Number(pid) };
}

/** To be called with Berth's lock held: of two that want to measure, the second is refused there. */
export function writeBenchMark(host: Host, vmid: VmId): void {
  host.replaceFile(MARK, `${vmid} ${process.pid} ${readStartTime(host, process.pid)}\n`);
}

export function removeBenchMark(host: Host): void {
  host.replaceFile(MARK, null);
}

/** Whoever changes placements between the blocks of a measurement spoils it, and what it is about to undo. @throws HostError `busy` */
export function refuseDuringBench(host: TextTree): void {
  const mark = readBenchMark(host);
  if (mark === null || mark.pid === process.pid) return;
  throw new HostError(
    'busy',
    `\`berth bench ${mark.vmid}\` (process ${mark.pid}) is measuring. Nothing was changed. Wait for it, or end it with Ctrl-C`,
  );
}
