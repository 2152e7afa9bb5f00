// Which quarters are mirror images of each other: their nodes are as good as each other, and as far from each other.
import type { NumaNodeId } from '#domain/ids.ts';
import type { Problem } from './arrangement.ts';
import { knowsNodes, nodeLikeness } from './like-nodes.ts';
import type { Block } from './node-blocks.ts';
import { distanceWithin } from './node-sets.ts';
import type { Quarter } from './quarters.ts';

/** Nodes of a block of which all orders are compared. */
const LARGEST_FORM = 5;
/** Of the memory of the roomiest node that others are made like. */
const NEARLY_ALIKE = 0.98;

export interface Forms {
  /** Quarters with the same text are mirror images of each other. */
  readonly formOf: (quarter: Quarter) => string;
  /** Nodes of one zone are as good as each other. */
  readonly zoneOf: (node: NumaNodeId) => string;
}

export function formsIn(problem: Problem): Forms {
  const { demands, host } = problem;
  const isKnown = demands.some(knowsNodes);
  const zones = new Map(
    host.groups.map(({ node }) => [node, isKnown ? `node ${node}` : nodeLikeness(problem, node)] as const),
  );
  const zoneOf = (node: NumaNodeId) => zones.get(node) ?? '';
  const known = new Map<Block, string>();
  const formOfBlock = (block: Block): string => {
    if (isKnown || block.length > LARGEST_FORM) return block.join();
    const distances = (nodes: Block) =>
      nodes.flatMap((a, at) => nodes.slice(at + 1).map(b => distanceWithin(host.topology, [a, b])));
    const forms = permutations(block).map(nodes => [...nodes.map(zoneOf), ...distances(nodes)].join('; '));
    return forms.sort()[0] ?? '';
  };
  const formOf = ({ block, counts }: Quarter): string => {
    const form = known.get(block) ?? formOfBlock(block);
    known.set(block, form);
    return `${counts.join()} in ${form}`;
  };
  return { formOf, zoneOf };
}

function permutations<Item>(items: readonly Item[]): ReadonlyArray<readonly Item[]> {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map(rest => [item, ...rest]));
}

/** Memory differs a little from node to node. With as much as the roomiest of those that are nearly alike more are mirror images. */
export function makeRoomier(problem: Problem): Problem {
  const sizes = [...problem.memoryMiB.values()].sort((a, b) => b - a);
  const roomiest = (mib: number) => sizes.find(size => size * NEARLY_ALIKE <= mib) ?? mib;
  return { ...problem, memoryMiB: new Map([...problem.memoryMiB].map(([node, mib]) => [node, roomiest(mib)])) };
}
