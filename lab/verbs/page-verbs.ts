// Expectations about where a guest's memory lies.
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { type Mapping, readMappings, sumMib, sumNodes } from './numa-maps.ts';
import { byNumber, vmidValue, within } from './values.ts';
import { StepFailure, verb } from './verb.ts';

/** Smaller mappings are QEMU's own heap; a guest's memory is one mapping for each of its nodes. */
const SMALLEST_MIB = 24;

const shares = byNumber(z.strictObject({ atLeastMiB: z.optional(z.number()), atMostMiB: z.optional(z.number()) }));
type Shares = z.output<typeof shares>;

export const pageVerbs = {
  /** MiB of guest memory that lie on each host node: `pages: 100, nodes: { 1: { atLeastMiB: 120 }, 0: { atMostMiB: 2 } }`. */
  pages: verb(z.strictObject({ pages: vmidValue, nodes: shares, within }), ({ pages, nodes, within }, { log }) =>
    expectMappings(pages, {
      within,
      log,
      judge: mappings => (isShared(sumNodes(mappings), nodes) ? null : describeShares(nodes)),
    }),
  ),

  /** The memory policy of every guest node in numa_maps' words, in any order, with the MiB that it has on host nodes. */
  mappings: verb(
    z.strictObject({
      mappings: vmidValue,
      are: z.array(z.strictObject({ policy: z.string(), nodes: shares })),
      within,
    }),
    ({ mappings: vmid, are, within }, { log }) =>
      expectMappings(vmid, {
        within,
        log,
        judge: mappings => {
          const lacking = are.find(
            ({ policy, nodes }) => !mappings.some(found => found.policy === policy && isShared(found.mib, nodes)),
          );
          if (lacking !== undefined) return `${lacking.policy} with ${describeShares(lacking.nodes)}`;
          return mappings.length === are.length ? null : `${are.length} mappings`;
        },
      }),
  ),
};

interface Expectation {
  readonly within: number | undefined;
  readonly log: (line: string) => void;
  /** Null when the guest's mappings are as they must be; else what was expected. */
  readonly judge: (mappings: readonly Mapping[]) => string | null;
}

async function expectMappings(vmid: number, { within = 0, log, judge }: Expectation): Promise<void> {
  const end = performance.now() + within * 1000;
  for (;;) {
    const mappings = readMappings(vmid).filter(({ mib }) => sumMib(mib) >= SMALLEST_MIB);
    const said = `guest ${vmid}: ${mappings.map(describeMapping).join('; ') || 'no memory'}`;
    const expected = judge(mappings);
    if (expected === null) return log(said);
    if (performance.now() > end) throw new StepFailure(`${said}; expected ${expected}`);
    await sleep(100);
  }
}

const isShared = (found: ReadonlyMap<number, number>, wanted: Shares): boolean =>
  Object.entries(wanted).every(([node, { atLeastMiB = 0, atMostMiB = Infinity }]) => {
    const there = found.get(Number(node)) ?? 0;
    return there >= atLeastMiB && there <= atMostMiB;
  });

const describeMapping = ({ policy, mib }: Mapping): string =>
  `${policy}: ${[...mib].map(([node, part]) => `${Math.round(part)} MiB on node ${node}`).join(', ')}`;

const describeShares = (wanted: Shares): string =>
  Object.entries(wanted)
    .map(([node, { atLeastMiB = 0, atMostMiB = Infinity }]) => `${atLeastMiB} to ${atMostMiB} MiB on node ${node}`)
    .join(', ');
