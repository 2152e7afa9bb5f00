// Boots a lab host that measures, and takes what it says of each block.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootLabHost } from '../../lab/host/boot.ts';
import { bundleInside } from '../../lab/host/bundle-inside.ts';
import { DEFAULT_SERIES, findKernel } from '../../lab/host/kernels.ts';
import { makePayloadImage } from '../../lab/host/payload-image.ts';
import { findLabShape } from '../../lab/host/shapes.ts';
import { quoteArguments } from '../../lab/host/shell-quote.ts';
import type { LabBlock, LabOrder } from './lab-blocks.ts';

/** One emulated CPU for each of this machine's: with more of them the emulator's own queue would be measured. */
const SHAPE = '2p2n2c';
const BOOT_LIMIT_S = 120;
/** Of each block: what is done before and after it, a placement included. */
const BESIDE_A_BLOCK_S = 40;

/** The blocks that were whole, also when it was broken off. @throws Error when the host failed. */
export async function measureInLab(order: LabOrder, stop: AbortSignal): Promise<readonly LabBlock[]> {
  const kernel = findKernel(DEFAULT_SERIES, console.error);
  const blocks: LabBlock[] = [];
  const take = (share: string) => {
    for (const block of readBlocks(share).slice(blocks.length)) {
      blocks.push(block);
      console.error(`${block.part}, round ${block.round} of ${order.rounds}: ${block.case}`);
    }
  };
  const { failure, exitCode, output } = await bootLabHost({
    ...{ shape: findLabShape(SHAPE), kernel, init: 'systemd', console: 'file', urgent: true, signal: stop },
    timeLimitS: BOOT_LIMIT_S + order.rounds * 6 * (order.secondsPerBlock + BESIDE_A_BLOCK_S),
    job: `cd ${quoteArguments([process.cwd()])}\nnode /lab/inside.cjs`,
    files: {
      'inside.cjs': await bundleInside('bench/latency/inside/main.ts'),
      'payload.bin': await makePayloadImage(),
      'order.json': JSON.stringify(order),
    },
    onTick: take,
  });
  if (!stop.aborted && (failure !== null || exitCode !== 0))
    throw new Error(`The lab host measured ${blocks.length} blocks, and ended: ${failure ?? output}`);
  return blocks;
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
