// The hookscript's phases over the demo host, after its plan was applied.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import { type BerthTree, makeBerthTree } from '#fixtures/berth-tree.ts';
import { lockFile } from '#host/lock.ts';
import { type HookPhase, runHook } from './run-hook.ts';

let tree: BerthTree;

beforeEach(async () => {
  tree = makeBerthTree();
  await tree.apply();
});

const run = (phase: HookPhase, vmid = 101) => runHook(tree.host, 'pve1', { vmid: vmId(vmid), phase });
const NOTHING = { repaired: [], problem: null, findings: [], stops: false };

/** A stranger lets every thread run everywhere. */
function widen(vmid: number): void {
  const pid = Number(tree.host.read(`/run/qemu-server/${vmid}.pid`));
  for (const tid of tree.host.list(`/proc/${pid}/task`)) {
    tree.edit(`/proc/${pid}/task/${tid}/status`, /^Cpus_allowed_list:\t.*$/m, 'Cpus_allowed_list:\t0-31');
  }
}

describe('runHook()', () => {
  it('puts this VM where it belongs after its start, and no other', async () => {
    const before = tree.files();
    widen(104);
    const others = tree.files();
    widen(101);
    expect(await run('post-start')).toMatchObject({ repaired: [{ kind: 'threads', vmid: 101 }], problem: null });
    expect(tree.files()).toEqual(others);
    expect(others).not.toEqual(before);
  });

  it.each<HookPhase>(['pre-start', 'post-start', 'pre-stop', 'post-stop'])('finds nothing to do at %s', async phase => {
    const before = tree.files();
    expect(await run(phase)).toEqual(NOTHING);
    expect(tree.files()).toEqual(before);
  });

  it('gives up on a QEMU that does not answer, with its reason', async () => {
    rmSync(join(tree.root, 'run/qemu-server/101.qmp.json'));
    expect(await run('post-start')).toMatchObject({ repaired: [], problem: expect.stringContaining('101.qmp.json') });
  });

  it('leaves what is to do to an apply that goes on for longer than a task can wait', async () => {
    widen(101);
    const lock = lockFile(tree.host, '/run/berth/lock');
    setTimeout(() => lock.release(), 200);
    expect(await run('post-start')).toMatchObject({ repaired: [{ vmid: 101 }], problem: null });
  });

  it('has nothing to say before the start of a guest that is not placed', async () => {
    tree.host.replaceFile('/etc/pve/nodes/pve1/qemu-server/900.conf', 'cores: 1\nmemory: 64\naffinity: 4000\n');
    expect(await run('pre-start', 900)).toEqual(NOTHING);
  });

  it('finds before its start what would stop it, and stops nothing that is not strict', async () => {
    tree.edit('/etc/pve/nodes/pve1/qemu-server/101.conf', /^affinity: .*$/gm, 'affinity: 4000');
    expect(await run('pre-start')).toMatchObject({ findings: [{ code: 'start-fails' }], stops: false });
  });
});
