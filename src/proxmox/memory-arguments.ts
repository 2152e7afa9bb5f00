// The memory of a VM → arguments of QEMU.
import { encodeRange } from './numa-entry.ts';
import type { MemoryBackend, VmMemory } from './vm-memory.ts';

/** `-m`, then `-object` and `-numa` of each node or DIMM: `-m 8192 -object memory-backend-ram,id=ram-node0,size=8192M …`. */
export function encodeMemoryArguments({ size, largestMiB, nodes, whole, dimms }: VmMemory): readonly string[] {
  return [
    '-m',
    largestMiB === null ? size : `size=${size},slots=255,maxmem=${largestMiB}M`,
    ...nodes.flatMap(({ index, vcpus, backend }) => [
      '-object',
      encodeBackend(backend),
      '-numa',
      `node,nodeid=${index},cpus=${vcpus.map(encodeRange).join(',cpus=')},memdev=${backend.id}`,
    ]),
    ...(whole === null ? [] : ['-object', encodeBackend(whole)]),
    ...dimms.flatMap(({ dimm, backend }) => [
      '-object',
      encodeBackend(backend),
      '-device',
      `pc-dimm,id=${dimm.name},memdev=${backend.id},node=${dimm.node}`,
    ]),
  ];
}

/** What the memory adds to the value of `-machine`. */
export function encodeMachineFlags({ whole }: VmMemory): readonly string[] {
  return whole === null ? [] : [`memory-backend=${whole.id}`];
}

/** One `-object`: `memory-backend-ram,id=ram-node0,size=512M,host-nodes=0,policy=bind`. */
function encodeBackend({ id, size, kind, path, hostNodes, policy }: MemoryBackend): string {
  const common = `id=${id},size=${size}M`;
  const binding = hostNodes === null ? '' : `,host-nodes=${hostNodes},policy=${policy}`;
  switch (kind) {
    case 'ram':
      return `memory-backend-ram,${common}${binding}`;
    case 'shared':
      return `memory-backend-memfd,${common},share=on${binding}`;
    case 'hugepages':
      return `memory-backend-file,${common},mem-path=${path},share=on,prealloc=yes${binding}`;
  }
}
