// A shape as QEMU arguments: sockets, dies, cores, threads, NUMA nodes with their memory, distances.
import { countCpus, type LabShape, sumMemoryMiB } from './shapes.ts';

/** Arguments for `-smp`, `-m`, `-object`, `-numa`. QEMU's own CPU index counts threads first, whatever the kernel's numbering will be. */
export function makeTopologyArguments(shape: LabShape): readonly string[] {
  const { sockets, dies, cores, threads, nodes, distances } = shape;
  return [
    ...['-smp', `${countCpus(shape)},sockets=${sockets},dies=${dies},cores=${cores},threads=${threads}`],
    ...['-m', `${sumMemoryMiB(shape)}`],
    ...nodes.flatMap(({ cores: ofNode, memoryMiB }, id) => [
      ...(memoryMiB === 0 ? [] : ['-object', `memory-backend-ram,id=mem${id},size=${memoryMiB}M`]),
      '-numa',
      [
        `node,nodeid=${id}`,
        ...ofNode.map(core => `cpus=${core * threads}-${core * threads + threads - 1}`),
        ...(memoryMiB === 0 ? [] : [`memdev=mem${id}`]),
      ].join(','),
    ]),
    ...(distances ?? []).flatMap((row, src) =>
      row.flatMap((val, dst) => (src === dst ? [] : ['-numa', `dist,src=${src},dst=${dst},val=${val}`])),
    ),
  ];
}
