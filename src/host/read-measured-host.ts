// What a measurement says about the host that it was made on.
import type { Inventory } from '#domain/inventory.ts';
import type { MeasuredHost } from '#domain/measurement.ts';
import type { TextTree } from '#domain/text-tree.ts';

export function readMeasuredHost(host: TextTree, { topology, memory }: Inventory): MeasuredHost {
  const line = (path: string) => host.read(path)?.trim() ?? null;
  const governors = topology.online.ids.flatMap(
    cpu => line(`/sys/devices/system/cpu/cpu${cpu}/cpufreq/scaling_governor`) ?? [],
  );
  return {
    kernel: line('/proc/sys/kernel/osrelease'),
    bootCommandLine: line('/proc/cmdline'),
    governors: [...new Set(governors)],
    memoryMiB: memory.reduce((sum, { totalMiB }) => sum + totalMiB, 0),
    topology,
  };
}
