// Expectations that what the program says about memory and nodes is what the kernel says.
import * as z from 'zod/mini';
import { runProgram, tryProgram } from '../inside/run-program.ts';
import { readMappings, sumNodes } from './numa-maps.ts';
import { vmidValue } from './values.ts';
import { StepFailure, verb } from './verb.ts';

/** Each rounds. */
const APART_MIB = 3;

export const agreementVerbs = {
  /**
   * `berth verify` says of a guest's memory what numa_maps says: how much it is, and how much of it lies on these nodes. Of QEMU's own
   * program and its libraries, which is no memory of the guest, it may count some: the cgroup does where QEMU has changed it.
   */
  'verified-memory': verb(
    z.strictObject({ 'verified-memory': vmidValue, nodes: z.array(z.int()) }),
    ({ 'verified-memory': vmid, nodes }, { log }) => {
      // A guest may take more memory while berth looks: what berth says lies between what was there before and after.
      const before = countMemory(vmid, nodes);
      const { guests } = askBerth(['verify', `${vmid}`]) as {
        guests: readonly { localMiB: number | null; residentMiB: number | null }[];
      };
      const said = [guests[0]?.localMiB ?? null, guests[0]?.residentMiB ?? null];
      const after = countMemory(vmid, nodes);
      const counted = [before, after].map(({ guest }) => guest.join(' of ')).join(', then ');
      log(`guest ${vmid}: berth says ${said.join(' of ')} MiB, numa_maps has ${counted}`);
      const isBetween = said.every((mib, index) => {
        const ends = [before, after].flatMap(({ guest, all }) => [guest[index] ?? 0, all[index] ?? 0]);
        return mib !== null && mib >= Math.min(...ends) - APART_MIB && mib <= Math.max(...ends) + APART_MIB;
      });
      if (!isBetween) {
        throw new StepFailure(
          `Guest ${vmid} has ${counted} MiB on node ${nodes.join(', ')}; berth verify says ${said.join(' of ')}`,
        );
      }
    },
  ),

  /** `berth inspect` shows the NUMA nodes that `numactl --hardware` shows: CPUs, memory, distances in both directions. */
  'inspect-agrees': verb(z.strictObject({ 'inspect-agrees': z.literal('numactl') }), (_, { log }) => {
    const { topology } = askBerth(['inspect']) as { topology: { nodes: readonly InspectedNode[] } };
    const said = topology.nodes.map(describeInspected).join('\n');
    const seen = describeNumactl(runProgram(['numactl', '--hardware']));
    log(seen);
    if (said !== seen) throw new StepFailure(`numactl shows\n${seen}\nberth inspect shows\n${said}`);
  }),
};

/** MiB on these nodes, MiB on all of them: of the guest, and with QEMU's own program. */
function countMemory(vmid: number, nodes: readonly number[]): Record<'guest' | 'all', readonly number[]> {
  const mappings = readMappings(vmid);
  const count = (of: typeof mappings) => {
    const found = sumNodes(of);
    const sum = (wanted: Iterable<number>) =>
      Math.round([...wanted].reduce((total, node) => total + (found.get(node) ?? 0), 0));
    return [sum(nodes), sum(found.keys())];
  };
  return { guest: count(mappings.filter(({ isProgram }) => !isProgram)), all: count(mappings) };
}

interface InspectedNode {
  readonly id: number;
  readonly cpus: string;
  readonly memoryMiB: number | null;
  readonly distances: Readonly<Record<string, number>>;
}

/** Verify's exit code tells what it found, which is not the question here. */
function askBerth(args: readonly string[]): unknown {
  const { stdout, output } = tryProgram(['node', 'bin/berth', ...args, '--json']);
  if (stdout === '') throw new StepFailure(`berth ${args.join(' ')} --json says nothing but: ${output.trim()}`);
  return JSON.parse(stdout);
}

const describeNode = (id: number, cpus: readonly number[], mib: number | null, distances: readonly number[]): string =>
  `node ${id}: CPUs ${cpus.join(' ') || 'none'}; ${mib} MiB; distances ${distances.join(' ')}`;

const describeInspected = ({ id, cpus, memoryMiB, distances }: InspectedNode): string =>
  describeNode(id, listRanges(cpus), memoryMiB, Object.values(distances));

/** Example: `0-2,5`. */
const listRanges = (text: string): readonly number[] =>
  text
    .split(',')
    .filter(range => range !== '')
    .flatMap(range => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });

/** Lines `node 0 cpus: 0 1`, `node 0 size: 1912 MB`, and after "node distances:" `  0:  10  21 `. */
function describeNumactl(text: string): string {
  const words = (line: string | undefined): readonly number[] => line?.match(/\d+/g)?.map(Number) ?? [];
  const rows = [...text.matchAll(/^ *(\d+):((?: +\d+)+) *$/gm)];
  return rows
    .map(([, id, row]) => {
      const cpus = new RegExp(`^node ${id} cpus:(.*)$`, 'm').exec(text)?.[1];
      const size = new RegExp(`^node ${id} size:(.*) MB$`, 'm').exec(text)?.[1];
      return describeNode(Number(id), words(cpus), Number(size), words(row));
    })
    .join('\n');
}
