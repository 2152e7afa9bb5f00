// Boots a lab host that measures, and takes what it says of each block.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bootLabHost } from '../../lab/host/boot.ts';
import { bundleInside } from '../../lab/host/bundle-inside.ts';
import { DEFAULT_SERIES, findKernel } from '../../lab/host/kernels.ts';
import { makePayloadImage } from '../../lab/host/payload-image.ts';
import { findLabShape } from '../../lab/host/shapes.ts';
import { quoteArguments } from '../../lab/host/shell-quote.ts';
import type { LabBlock, LabOrder } from './lab-blocks.ts';

/** Emulated CPUs take turns while time is counted in instructions: the fewer, the sooner each sees what another has done. */
const SHAPE = '2p2n2c';
/** What `berth isolate` makes of CPU 1; the program inside compares it with what it says there. */
const BOOT_PARAMETERS = 'isolcpus=managed_irq,domain,1 nohz_full=1 rcu_nocbs=1 irqaffinity=0';
/** From the start to the end of the first block, and from block to block, placements included. */
const PATIENCE_S = 240;
/** The emulator fails now and then while the kernel boots (docs/lab.md). */
const MOST_BOOTS = 3;
const LONGEST_S = 3600;
const CONSOLE = 'reports/lab/console-bench-latency.log';

/** The blocks that were whole, also when it was broken off. @throws Error when the host failed, or cannot be booted. */
export async function measureInLab(order: LabOrder, stop: AbortSignal): Promise<readonly LabBlock[]> {
  for (let boot = 1; ; boot++) {
    try {
      return await bootAndMeasure(order, stop);
    } catch (error) {
      if (!(error instanceof NothingMeasured) || boot === MOST_BOOTS) throw error;
      console.error(`${error.message}\nbooting again; the console: ${CONSOLE}`);
    }
  }
}

class NothingMeasured extends Error {}

async function bootAndMeasure(order: LabOrder, stop: AbortSignal): Promise<readonly LabBlock[]> {
  const kernel = findKernel(DEFAULT_SERIES, console.error);
  const blocks: LabBlock[] = [];
  const stuck = new AbortController();
  const patience = setTimeout(() => stuck.abort(), PATIENCE_S * 1000);
  const take = (share: string) => {
    for (const block of readBlocks(share).slice(blocks.length)) {
      patience.refresh();
      blocks.push(block);
      console.error(`${block.part}, round ${block.round} of ${order.rounds}: ${block.case}`);
    }
  };
  const { failure, exitCode, output, consoleLog } = await bootLabHost({
    ...{ shape: findLabShape(SHAPE), kernel, init: 'systemd', console: 'file', countsInstructions: true },
    ...(order.part === 'boot' && { parameters: BOOT_PARAMETERS }),
    ...{ timeLimitS: LONGEST_S, signal: AbortSignal.any([stop, stuck.signal]) },
    job: `cd ${quoteArguments([process.cwd()])}\nnode /lab/inside.cjs`,
    files: {
      'inside.cjs': await bundleInside('bench/latency/inside/main.ts'),
      'payload.bin': await makePayloadImage(),
      'order.json': JSON.stringify(order),
    },
    onTick: take,
  }).finally(() => clearTimeout(patience));
  if (stop.aborted || (failure === null && exitCode === 0)) return blocks;
  mkdirSync(dirname(CONSOLE), { recursive: true });
  writeFileSync(CONSOLE, `${consoleLog}\n--- the job's output\n${output}\n`);
  const problem = stuck.signal.aborted ? `nothing came of it for ${PATIENCE_S} s` : (failure ?? output);
  if (blocks.length === 0) throw new NothingMeasured(`The lab host measured nothing: ${problem}`);
  throw new Error(`The lab host measured ${blocks.length} blocks, and ended: ${problem}`);
}

/** Whole lines only: the last one may still be written. */
function readBlocks(share: string): readonly LabBlock[] {
  const file = join(share, 'blocks');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as LabBlock);
}
