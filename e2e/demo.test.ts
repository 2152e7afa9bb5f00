// The demo and the commands' JSON, on the demo host, through the built program.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { doctorJson } from '#contract/doctor.ts';
import { explainJson } from '#contract/explain.ts';
import { inspectJson } from '#contract/inspect.ts';
import { journalListJson } from '#contract/journal.ts';
import { planOutputJson } from '#contract/plan.ts';
import { statusJson } from '#contract/status.ts';
import { checkJson, verifyJson } from '#contract/verify.ts';
import { whatIfJson } from '#contract/what-if.ts';
import { makeDemoHost } from '#fixtures/demo-host.ts';
import { runBerth } from './berth.ts';

describe('berth demo', () => {
  it('does the whole job, checks every step, and says what is simulated and where', () => {
    const { code, stdout, stderr } = runBerth(['demo']);
    const directory = /Everything happens in (\S+):/.exec(stdout)?.[1] ?? '';
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(existsSync(directory)).toBe(true);
    rmSync(directory, { recursive: true });
    expect(stdout).toContain('The kernel is simulated there');
    expect(stdout.match(/ checked: /g)?.length).toBe(9);
    expect(stdout).not.toContain('NOT SO');
    expect(stdout).toContain('Every step was checked.');
  });
});

function writeDemoHost(): string {
  const root = mkdtempSync(join(tmpdir(), 'berth-'));
  for (const [path, text] of makeDemoHost()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, 'latin1');
  }
  return root;
}

describe('berth init', () => {
  let root = '';
  beforeAll(() => {
    root = writeDemoHost();
  });
  afterAll(() => rmSync(root, { recursive: true }));
  const policy = () => join(root, 'etc/pve/berth/policy.yaml');

  it('asks nobody when there is no terminal, and writes nothing', () => {
    expect(runBerth(['--root', root, 'init'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--dedicated'),
    });
    expect(existsSync(policy())).toBe(false);
  });

  it.each([
    { args: ['--dedicated', '999'], says: 'There is no guest 999' },
    { args: ['--dedicated', '101', '--confined', '101,104'], says: '101: dedicated or confined, not both' },
    { args: ['--dedicated', '100,101,102,103,104,105,106'], says: 'no policy was written' },
    { args: ['--dedicated', 'all'], says: 'a VMID is a number' },
  ])('refuses $args', ({ args, says }) => {
    expect(runBerth(['--root', root, 'init', ...args])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(says),
    });
    expect(existsSync(policy())).toBe(false);
  });

  it('writes a first policy, shows its plan, and is undone', () => {
    const ran = runBerth(['--root', root, 'init', '--dedicated', '101,104', '--confined', '105']);
    expect(ran).toMatchObject({ code: 2, stdout: expect.stringContaining('Wrote /etc/pve/berth/policy.yaml') });
    expect(readFileSync(policy(), 'utf8')).toContain('  101: { class: dedicated }  # game-server, 4 vCPUs\n');
    const again = runBerth(['--root', root, 'init', '--dedicated', '101']);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('There is a policy already') });
    expect(runBerth(['--root', root, 'undo', '--yes'])).toMatchObject({ code: 0 });
    expect(existsSync(policy())).toBe(false);
  });
});

describe('--json of every command', () => {
  let root = '';
  let plan = '';

  beforeAll(() => {
    root = writeDemoHost();
    plan = join(mkdtempSync(join(tmpdir(), 'berth-')), 'plan.json');
    for (const vmid of ['101', '104']) runBerth(['--root', root, 'policy', 'set', vmid, 'class=dedicated']);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  // In this order: each command finds what the ones before it left.
  it.each([
    { args: ['status'], schema: statusJson, code: 0 },
    { args: ['inspect'], schema: inspectJson, code: 0 },
    { args: ['doctor'], schema: doctorJson, code: 2 },
    { args: ['plan', '--out', 'PLAN'], schema: planOutputJson, code: 2 },
    { args: ['check-plan', 'PLAN'], schema: checkJson, code: 0 },
    { args: ['plan', '--defrag', '--max-moves', '1'], schema: planOutputJson, code: 2 },
    { args: ['plan', '--what-if', 'smt-off,+socket'], schema: whatIfJson, code: 0 },
    { args: ['explain', '101'], schema: explainJson, code: 0 },
    { args: ['explain', '101', 'PLAN'], schema: explainJson, code: 0 },
    { args: ['explain', '102'], schema: explainJson, code: 0 },
    { args: ['verify'], schema: verifyJson, code: 0 },
    { args: ['apply', 'PLAN', '--yes'], schema: journalListJson, code: 2 },
    { args: ['verify'], schema: verifyJson, code: 2 },
    { args: ['status'], schema: statusJson, code: 2 },
    { args: ['plan'], schema: planOutputJson, code: 0 },
    { args: ['inspect'], schema: inspectJson, code: 0 },
    { args: ['history'], schema: journalListJson, code: 0 },
    { args: ['undo', '--yes'], schema: journalListJson, code: 0 },
    { args: ['doctor', '101', '--fix', '--yes'], schema: doctorJson, code: 2 },
    { args: ['undo', '--yes'], schema: journalListJson, code: 0 },
  ])('berth $args.0 prints one object that its schema knows', ({ args, schema, code }) => {
    const ran = runBerth(['--root', root, '--json', ...args.map(arg => (arg === 'PLAN' ? plan : arg))]);
    expect(ran.code).toBe(code);
    const json: unknown = JSON.parse(ran.stdout);
    expect(z.safeDecode(schema as z.ZodMiniType<unknown, unknown>, json).error).toBeUndefined();
    expect(json).toMatchObject({ schema: expect.stringMatching(/^berth\/[a-z-]+\/1$/) });
  });

  it('says in one object that there is no plan', () => {
    writeFileSync(
      `${root}/etc/pve/berth/policy.yaml`,
      'guests: { 103: { class: dedicated }, 104: { class: dedicated, memory: bind }, 105: { class: dedicated, smt: isolate }, 106: { class: dedicated, smt: isolate } }\nhost: { housekeeping: { coresPerNode: 5 } }\n',
    );
    const ran = runBerth(['--root', root, '--json', 'plan']);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({ kind: 'infeasible', proved: true, lack: 'cores' });
  });
});
