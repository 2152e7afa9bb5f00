// SIGKILL at every moment of an apply and of an undo on this machine's kernel, and every way out of it. The lab does some of this on others.

import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseCpuList } from '#domain/id-list.ts';
import { crashVerbs } from '../lab/verbs/crash-verbs.ts';
import { runBerth } from './berth.ts';
import { resetNode, writeVmConfig } from './live-node.ts';
import { enterPrivateMounts } from './private-mounts.ts';
import { type QemuGuest, startQemuGuest } from './qemu-guest.ts';

let guest: QemuGuest;

beforeAll(() => {
  enterPrivateMounts();
  const online = readFileSync('/sys/devices/system/cpu/online', 'latin1').trim();
  if (parseCpuList(online).size < 2) throw new Error('These tests need a machine with two CPUs');
});

beforeEach(() => {
  resetNode();
  writeVmConfig(100, { cores: 1 });
  guest = startQemuGuest({ vmid: 100, cores: 1 });
  expect(runBerth(['policy', 'set', '100', 'class=dedicated'])).toMatchObject({ code: 0 });
});

afterEach(() => guest.stop());

/** How many kills there were. */
async function killAtEvery(kind: string, of: string, recovery: { berth: string; leaves: string }): Promise<number> {
  const lines: string[] = [];
  const context = {
    directory: '',
    beganAtS: 0,
    log: (line: string) => lines.push(line),
    signal: new AbortController().signal,
  };
  await crashVerbs['kill-at-every'].run({ 'kill-at-every': kind, of, recover: [recovery] }, context);
  return lines.length;
}

/** The journal's entry, the placement's three files and the config, each between two records; the main thread, the vCPU, an iothread. */
const LEAST = { file: 14, thread: 3 };

describe.each(['file', 'thread'] as const)('killed right before any change of a %s', kind => {
  it.each([
    ['undo puts everything back', { berth: 'undo --yes', leaves: 'before' }],
    ['another apply finishes it', { berth: 'apply --yes', leaves: 'after' }],
  ])('by an apply: %s', { timeout: 600_000 }, async (_, recovery) => {
    expect(await killAtEvery(kind, 'apply --yes', recovery)).toBeGreaterThanOrEqual(LEAST[kind]);
  });

  it.each([
    ['another undo finishes it', { berth: 'undo --yes', leaves: 'after' }],
    ['an apply makes the plan true again', { berth: 'apply --yes', leaves: 'before' }],
  ])('by an undo: %s', { timeout: 600_000 }, async (_, recovery) => {
    expect(runBerth(['apply', '--yes'])).toMatchObject({ code: 0 });
    expect(await killAtEvery(kind, 'undo --yes', recovery)).toBeGreaterThanOrEqual(LEAST[kind]);
  });
});
