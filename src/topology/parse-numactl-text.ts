// The output of `numactl --hardware`: nodes with their CPUs, memory and distances.
import { encodeIdList, parseCpuList, parseNodeList } from '#domain/id-list.ts';
import type { CpuSet, NodeSet } from '#domain/id-set.ts';
import { type NumaNodeId, numaNodeId } from '#domain/ids.ts';
import type { PastedNode } from '#domain/pasted-topology.ts';
import { atLine, failAt, type PastedLine, parseId, splitLines } from './pasted-lines.ts';
import { type NodeCpus, withoutContested } from './pasted-nodes.ts';
import type { PastedParts } from './pasted-parts.ts';

/**
 * `available: 2 nodes (0-1)`, then `node 0 cpus: 0 1 2 3`, `node 0 size: 64 MB`, `node 0 free: 3 MB` for each node,
 * then a matrix under `node distances:` or the sentence that there is none. With `--cpu-compress`: `node 0 cpus: 0-3 (4)`.
 * @throws ParseError with the line for everything else, and where a line is missing.
 */
export function parseNumactlText(text: string): PastedParts {
  const lines = new LineReader(splitLines(text));
  const ids = parseAvailable(lines);
  const nodes = ids.ids.map(id => parseNode(lines, id));
  const distances = parseDistances(lines, ids);
  lines.end();
  const contested: string[] = [];
  return {
    tool: 'numactl --hardware',
    present: null,
    online: null,
    model: null,
    packages: null,
    llcs: null,
    cores: null,
    nodes: withoutContested(nodes, contested).map(node => ({
      ...node,
      distances: distances?.get(node.id) ?? new Map(),
    })),
    unknown: [
      ...contested,
      'present and online CPUs: numactl lists the CPUs of nodes, offline ones among them on some kernels',
      'model, packages, LLC domains and cores: numactl knows only NUMA nodes',
      ...nodes
        .filter(node => node.memoryMiB === null)
        .map(node => `memory of node ${node.id}: numactl says it is not available`),
      ...(distances === null ? ['distances: numactl says that there are none'] : []),
    ],
  };
}

class LineReader {
  readonly #lines: readonly PastedLine[];
  #next = 0;

  constructor(lines: readonly PastedLine[]) {
    this.#lines = lines;
  }

  /** The next line, which must look so. */
  expect(form: RegExp, what: string): { readonly line: number; readonly match: RegExpExecArray } {
    const line = this.#lines[this.#next];
    if (!line) return failAt(this.#lines.at(-1)?.number ?? 1, `The text ends here: expected ${what} next`);
    const match = form.exec(line.text);
    if (!match) return failAt(line.number, `Expected ${what}, found "${line.text.trim()}"`);
    this.#next++;
    return { line: line.number, match };
  }

  isNext(form: RegExp): boolean {
    return form.test(this.#lines[this.#next]?.text ?? '');
  }

  end(): void {
    const line = this.#lines[this.#next];
    if (line) failAt(line.number, `Expected nothing more, found "${line.text.trim()}"`);
  }
}

function parseAvailable(lines: LineReader): NodeSet {
  const { line, match } = lines.expect(/^available: (\d+) nodes? \(([\d,-]+)\)$/, '"available: N nodes (LIST)"');
  const [, count = '', list = ''] = match;
  const ids = atLine(line, () => parseNodeList(list));
  if (ids.size !== Number(count)) failAt(line, `${count} nodes are announced, and the list (${list}) has ${ids.size}`);
  return ids;
}

function parseNode(lines: LineReader, id: NumaNodeId): NodeCpus & Pick<PastedNode, 'memoryMiB'> {
  const expect = (what: string, form: string) =>
    lines.expect(new RegExp(`^node ${id} ${what}:${form}$`), `"node ${id} ${what}: …"`);
  const cpus = expect('cpus', '([\\d ,-]*)(?:\\((\\d+)\\))?');
  const memoryMiB = parseAmount(expect('size', ' (?:(\\d+) MB|<not available>)').match);
  expect('free', ' (?:\\d+ MB|<not available>)');
  return { id, memoryMiB, cpus: atLine(cpus.line, () => parseNodeCpus(cpus.match, cpus.line)) };
}

const parseAmount = ([, mib]: RegExpExecArray): number | null => (mib === undefined ? null : Number(mib));

function parseNodeCpus([, words = '', count]: RegExpExecArray, line: number): CpuSet {
  const cpus = parseCpuList((words.match(/[^ ,]+/g) ?? []).join(','));
  if (count !== undefined && cpus.size !== Number(count)) {
    failAt(line, `${count} CPUs are announced, and the list "${encodeIdList(cpus)}" has ${cpus.size}`);
  }
  return cpus;
}

/** Node → node → distance; null where numactl says that it has none. */
function parseDistances(
  lines: LineReader,
  ids: NodeSet,
): ReadonlyMap<NumaNodeId, ReadonlyMap<NumaNodeId, number>> | null {
  if (lines.isNext(/^No distance information available\.$/)) {
    lines.expect(/./, '');
    return null;
  }
  lines.expect(/^node distances:$/, '"node distances:" or "No distance information available."');
  const header = lines.expect(/^node((?: +\d+)+)$/, '"node" and the ids of the nodes');
  const order = (header.match[1] ?? '').trim().split(/ +/);
  if (order.join() !== ids.ids.join()) {
    failAt(header.line, `Expected the nodes ${ids.ids.join(' ')}, found ${order.join(' ')}`);
  }
  return new Map(
    ids.ids.map(id => {
      const { line, match } = lines.expect(new RegExp(`^ *${id}:((?: +\\d+)+)$`), `the distances from node ${id}`);
      const values = (match[1] ?? '').trim().split(/ +/);
      if (values.length !== ids.size) failAt(line, `Expected ${ids.size} distances, found ${values.length}`);
      const distance = (index: number): number => parseDistance(values[index] ?? '', line);
      return [id, new Map(ids.ids.map((to, index) => [numaNodeId(to), distance(index)]))];
    }),
  );
}

/** To itself a node has 10, and none is nearer: a smaller number has lost its end. */
function parseDistance(text: string, line: number): number {
  const distance = parseId(text, line, 'a distance');
  return distance >= 10 ? distance : failAt(line, `No distance is below 10, found ${distance}`);
}
