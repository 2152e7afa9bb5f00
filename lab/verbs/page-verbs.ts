// Expectations about where a guest's memory lies, from `/proc/PID/numa_maps`.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { readPid } from '../guest/start-guest.ts';
import { vmidValue, within } from './values.ts';
import { StepFailure, verb } from './verb.ts';

/** Smaller mappings are QEMU's own heap; a guest's memory is one mapping for each of its nodes. */
const SMALLEST_MIB = 24;

const share = z.strictObject({ atLeastMiB: z.optional(z.number()), atMostMiB: z.optional(z.number()) });

export const pageVerbs = {
  /** MiB of guest memory that lie on each host node: `pages: 100, nodes: { 1: { atLeastMiB: 120 }, 0: { atMostMiB: 2 } }`. */
  pages: verb(
    z.strictObject({ pages: vmidValue, nodes: z.record(z.string(), share), within }),
    async ({ pages: vmid, nodes, within: seconds = 0 }, { log }) => {
      const end = performance.now() + seconds * 1000;
      for (;;) {
        const found = readGuestMiB(vmid);
        const said = `guest ${vmid}: ${[...found].map(([node, mib]) => `${Math.round(mib)} MiB on node ${node}`).join(', ') || 'no memory'}`;
        const wrong = Object.entries(nodes).find(([node, { atLeastMiB = 0, atMostMiB = Infinity }]) => {
          const there = found.get(Number(node)) ?? 0;
          return there < atLeastMiB || there > atMostMiB;
        });
        if (wrong === undefined) return log(said);
        if (performance.now() > end)
          throw new StepFailure(`${said}; expected on node ${wrong[0]}: ${JSON.stringify(wrong[1])}`);
        await sleep(100);
      }
    },
  ),
};

/** Node → MiB in the process's large mappings (kernel doc: admin-guide/mm/numa_memory_policy, man 7 numa). */
function readGuestMiB(vmid: number): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  const maps = readFileSync(`/proc/${readPid(vmid)}/numa_maps`, 'latin1');
  for (const line of maps.split('\n')) {
    const pageKiB = Number(/kernelpagesize_kB=(\d+)/.exec(line)?.[1] ?? 4);
    const nodes = [...line.matchAll(/ N(\d+)=(\d+)/g)].map(
      ([, node, pages]) => [Number(node), (Number(pages) * pageKiB) / 1024] as const,
    );
    if (nodes.reduce((sum, [, mib]) => sum + mib, 0) < SMALLEST_MIB) continue;
    for (const [node, mib] of nodes) sums.set(node, (sums.get(node) ?? 0) + mib);
  }
  return sums;
}
