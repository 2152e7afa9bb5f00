// Some nodes of a host as a host of their own, and shapes found there as shapes on the whole.
import type { Problem } from './arrangement.ts';
import type { Demand } from './demand.ts';
import type { Block } from './node-blocks.ts';
import type { HostModel, Shape } from './shapes.ts';

/** The same host with no cores but those of the block. Groups are numbered anew, caches are not. */
function partOf(host: HostModel, block: Block): HostModel {
  const own = host.groups.filter(({ node }) => block.includes(node));
  const groups = own.map((group, index) => ({ ...group, index }));
  const indexOf = new Map(own.map(({ index }, at) => [index, at]));
  return {
    ...host,
    groups,
    groupsOfCell: host.groupsOfCell.map((_, cell) => groups.filter(group => group.cell === cell)),
    groupOfCpu: new Map(
      [...host.groupOfCpu].flatMap(([cpu, index]) => {
        const at = indexOf.get(index);
        return at === undefined ? [] : [[cpu, at] as const];
      }),
    ),
    held: own.map(({ index }) => host.held[index] ?? ''),
    nodeSets: host.nodeSets.filter(nodes => nodes.every(node => block.includes(node))),
  };
}

/** Some guests alone on some nodes. */
export const partProblem = (
  { host, memoryMiB, mostMoves }: Problem,
  block: Block,
  demands: readonly Demand[],
): Problem => ({ host: partOf(host, block), demands, memoryMiB, mostMoves });

/** A shape from a part, with the groups of the whole host. */
export function shapeOnWhole(shape: Shape, host: HostModel, block: Block): Shape {
  const own = host.groups.filter(({ node }) => block.includes(node));
  const whole = ({ index }: { readonly index: number }) => own[index];
  return {
    ...shape,
    parts: shape.parts.flatMap(({ group, vcpus }) => {
      const there = whole(group);
      return there === undefined ? [] : [{ group: there, vcpus }];
    }),
    emulator: shape.emulator === null ? null : (whole(shape.emulator) ?? null),
  };
}
