// Apply and undo on a captured host in a scratch directory: the whole transaction, and everything that can come between.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeBerthTree } from '#fixtures/berth-tree.ts';

const statesOf = (report: { guests: readonly { vmid: number; class: string; state: string }[] }) =>
  Object.fromEntries(report.guests.map(({ vmid, state }) => [vmid, state]));

describe('applyPlan()', () => {
  it('makes the plan true, and has nothing to do when asked again', async () => {
    const tree = makeBerthTree();
    const ran = await tree.apply();
    expect(ran).toMatchObject({ kind: 'ran', entry: { id: '0001', state: 'done' } });
    const report = await tree.verify();
    console.log(statesOf(report), report.findings.filter(f => f.severity !== 'note'));
    const before = tree.files();
    expect(await tree.apply()).toEqual({ kind: 'nothing' });
    expect(tree.files()).toEqual(before);
  });

  it('is undone to the last byte', async () => {
    const tree = makeBerthTree();
    const before = tree.files();
    await tree.apply();
    expect(tree.files()).not.toEqual(before);
    expect(await tree.undo()).toMatchObject({ action: 'undo', undoes: '0001', state: 'done' });
    const after = tree.files();
    for (const [path, text] of after) if (before.get(path) !== text) console.log(path, JSON.stringify(before.get(path)?.slice(0,300)), JSON.stringify(text.slice(0,300)));
    expect(after).toEqual(before);
  });
});
