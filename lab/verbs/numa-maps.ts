// Where the memory of a guest's process lies, as the kernel says it in `/proc/PID/numa_maps`.
import { readFileSync } from 'node:fs';
import { readPid } from '../guest/start-guest.ts';
import { StepFailure } from './verb.ts';

export interface Mapping {
  /** As the file has it: `default`, `bind:0`, `prefer:1`, `interleave:0-1`. */
  readonly policy: string;
  /** A program or a library, which is no memory of the guest. */
  readonly isProgram: boolean;
  /** By host node. */
  readonly mib: ReadonlyMap<number, number>;
}

/** A line each: `7f12c0000000 prefer:0 anon=512 N0=500 N1=12 kernelpagesize_kB=4` (man 7 numa). @throws StepFailure for a guest that does not run. */
export function readMappings(vmid: number): readonly Mapping[] {
  const lines = readNumaMaps(vmid).split('\n').slice(0, -1);
  return lines.map(line => {
    const pageKiB = Number(/kernelpagesize_kB=(\d+)/.exec(line)?.[1] ?? 4);
    const nodes = [...line.matchAll(/ N(\d+)=(\d+)/g)];
    const mib = nodes.map(([, node, pages]) => [Number(node), (Number(pages) * pageKiB) / 1024] as const);
    const isProgram = / file=\/(?:usr|lib|machine)/.test(line);
    return { policy: line.split(' ')[1] ?? '', isProgram, mib: new Map(mib) };
  });
}

function readNumaMaps(vmid: number): string {
  const pid = readPid(vmid);
  if (pid === null) throw new StepFailure(`Guest ${vmid} has no pid file`);
  try {
    return readFileSync(`/proc/${pid}/numa_maps`, 'latin1');
  } catch (error) {
    throw new StepFailure(`Guest ${vmid} does not run: ${(error as Error).message}`);
  }
}

export function sumNodes(mappings: readonly Mapping[]): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const { mib } of mappings) {
    for (const [node, part] of mib) sums.set(node, (sums.get(node) ?? 0) + part);
  }
  return sums;
}

export const sumMib = (mib: ReadonlyMap<number, number>): number =>
  [...mib.values()].reduce((sum, part) => sum + part, 0);
