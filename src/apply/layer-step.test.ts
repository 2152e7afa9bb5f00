// Host layers on a captured host: planned, set, judged, put back.
import { describe, expect, it } from 'vitest';
import { planFileJson } from '#contract/plan.ts';
import { encodeJson, parseJson } from '#contract/read-json.ts';
import type { LayerName } from '#domain/host-layer.ts';
import type { Change, Plan } from '#domain/plan.ts';
import type { BerthTree } from '#fixtures/berth-tree.ts';
import { makeLayerTree, setLayers } from '#fixtures/layer-tree.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { checkPlan } from '#verify/check-plan.ts';
import { applyLayer } from './layer-step.ts';
import { inverseOf } from './steps.ts';

const GOVERNOR = '/sys/devices/system/cpu/cpufreq/policy3/scaling_governor';
const WATCHDOG = '/proc/sys/kernel/watchdog_cpumask';
const FOUND = '/run/berth/found-settings';

const allowed = (tree: BerthTree, tid: number): string =>
  /^Cpus_allowed_list:\t(.*)$/m.exec(tree.host.read(`/proc/${tid}/status`) ?? '')?.[1] ?? '';

const ofLayers = ({ changes }: Plan) => changes.flatMap(change => (change.kind === 'layer' ? [change] : []));

const layerCodes = async (tree: BerthTree): Promise<readonly string[]> =>
  (await tree.verify()).findings.filter(({ code }) => code.startsWith('layer')).map(({ code }) => code);

/** A kernel that refuses a write to this file. */
function refusing(host: Host, refused: string): Host {
  return {
    ...host,
    writeKernelFile: (path, text) => {
      if (path === refused) throw new HostError('refused', `Cannot write "${text}" to ${path}: invalid argument`);
      host.writeKernelFile(path, text);
    },
  };
}

describe('host layers', () => {
  it('are nothing unless the policy asks for them', async () => {
    const tree = makeLayerTree('{}');
    const plan = await tree.plan();
    expect(ofLayers(plan)).toEqual([]);
    expect(plan.placement.layers).toBeUndefined();
  });

  it('set everything, are true then, and undo leaves not a byte', async () => {
    const tree = makeLayerTree();
    const before = tree.files();
    const plan = await tree.plan();
    expect(ofLayers(plan).map(({ layer }) => layer)).toEqual([
      ...['workqueues', 'kernelThreads', 'watchdog', 'timers', 'frequency', 'idleStates', 'ksm', 'numaBalancing'],
      ...['haltPollingUs', 'transparentHugepages'],
    ]);
    await tree.apply(plan);
    expect(await layerCodes(tree)).toEqual([]);
    expect((await tree.plan()).changes).toEqual([]);
    expect(allowed(tree, 60)).toBe('0,5-7,16,21-23');
    expect(allowed(tree, 63)).toBe('0-31');
    await tree.undo();
    const differing = [...tree.files()].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
    // A kernel has no file of this form: `[always] madvise never` is the demo's, and reads the same.
    expect(differing.filter(path => !path.endsWith('transparent_hugepage/enabled'))).toEqual(
      differing.filter(path => path.startsWith('/proc/') && path.endsWith('status')),
    );
    expect(allowed(tree, 60)).toBe('0-7,16-23');
    expect(tree.host.read(FOUND)).toBeNull();
  });

  it('keep out of every mask what is dedicated, and give it back with the layer', async () => {
    const tree = makeLayerTree('{ watchdog: move, kernelThreads: move }');
    await tree.apply();
    expect(tree.host.read(WATCHDOG)).toBe('0,5-16,21-31\n');
    setLayers(tree, '{ watchdog: move }');
    await tree.apply();
    expect(allowed(tree, 61)).toBe('8-15,24-31');
    expect(tree.host.read(WATCHDOG)).toBe('0,5-16,21-31\n');
    setLayers(tree, '{}');
    await tree.apply();
    expect(tree.host.read(WATCHDOG)).toBe('0-31\n');
    expect(tree.host.read(FOUND)).toBeNull();
  });

  it('are found deviating by verify, and are put back by the next apply', async () => {
    const tree = makeLayerTree();
    await tree.apply();
    tree.host.writeKernelFile(WATCHDOG, '0-31');
    tree.host.writeKernelFile(GOVERNOR, 'powersave');
    expect((await tree.verify()).findings.filter(({ code }) => code === 'layer-deviates')).toMatchObject([
      { layer: 'watchdog', found: '0-31', wanted: '0,5-16,21-31' },
      { layer: 'frequency', settings: [GOVERNOR], found: 'powersave', wanted: 'performance' },
    ]);
    await tree.apply();
    expect(await layerCodes(tree)).toEqual([]);
  });

  it('name the kernel threads that nobody can move, without saying that anything is wrong', async () => {
    const tree = makeLayerTree('{ kernelThreads: move }');
    await tree.apply();
    expect((await tree.verify()).findings.filter(({ code }) => code === 'kernel-threads-stay')).toMatchObject([
      { severity: 'note', names: ['ksoftirqd/*', 'kworker/u*'] },
    ]);
  });

  it('say in the plan what this host does not have', async () => {
    const tree = makeLayerTree('{ irqbalance: ban, timers: stay }');
    const absent = (await tree.plan()).advice.filter(({ code }) => code === 'advice-layer-absent');
    expect(absent).toEqual([{ code: 'advice-layer-absent', severity: 'note', layer: 'irqbalance' }]);
  });

  it('survive JSON', async () => {
    const plan = await makeLayerTree().plan();
    const text = encodeJson(planFileJson, { schema: 'berth/plan/1', simulated: true, ...plan });
    expect(ofLayers(parseJson(planFileJson, text, 'plan.json'))).toEqual(ofLayers(plan));
  });
});

describe('applyLayer()', () => {
  it('puts back what the step has set when the kernel refuses a setting, and says so', async () => {
    const tree = makeLayerTree('{ frequency: performance }');
    const before = tree.files();
    const result = await tree.apply(undefined, { context: { host: refusing(tree.host, GOVERNOR), qm: null } });
    if (result.kind !== 'ran') throw new Error(result.kind);
    const failed = result.entry.steps.find(({ state }) => state === 'failed');
    expect(failed?.error).toMatch(/policy3\/scaling_governor: invalid argument; what this step had set is as it was/);
    for (const [path, text] of before) if (path.includes('/cpufreq/')) expect(tree.host.read(path)).toBe(text);
    expect(tree.host.read(FOUND)).toBeNull();
  });

  it('leaves and names on undo what somebody else has changed since', async () => {
    const tree = makeLayerTree('{ watchdog: move, timers: stay }');
    await tree.apply();
    tree.host.writeKernelFile(WATCHDOG, '0-3');
    const { steps } = await tree.undo();
    expect(tree.host.read(WATCHDOG)).toBe('0-3\n');
    expect(tree.host.read('/proc/sys/kernel/timer_migration')).toBe('1\n');
    expect(steps.every(({ state }) => state === 'done')).toBe(true);
  });

  it('undoes also what was set by somebody who kept the placement since', async () => {
    const tree = makeLayerTree('{ idleStates: shallow }');
    await tree.apply();
    const path = '/sys/devices/system/cpu/cpu30/power/pm_qos_resume_latency_us';
    tree.host.writeKernelFile(path, '2');
    tree.host.replaceFile(FOUND, `${tree.host.read(FOUND)}${path}\t0\n`);
    await tree.undo();
    expect(tree.host.read(path)).toBe('0\n');
    expect(tree.host.read(FOUND)).toBeNull();
  });
});

describe('killed at any moment', () => {
  class Killed extends Error {}

  /** Dead from its `n`-th change on. */
  function dyingAt(host: Host, n: number): Host {
    let changes = 0;
    const alive = () => {
      if (++changes >= n) throw new Killed();
    };
    return {
      ...host,
      replaceFile: (...args) => {
        alive();
        host.replaceFile(...args);
      },
      setThreadAffinity: (...args) => {
        alive();
        host.setThreadAffinity(...args);
      },
    };
  }

  it('applyLayer() goes on where it was, and its inverse leaves nothing', async () => {
    const tree = makeLayerTree('{ kernelThreads: move }');
    const [change] = ofLayers(await tree.plan());
    if (change === undefined) throw new Error('nothing to do');
    const record = { kind: 'layer' as const, layer: change.layer, settings: change.settings, stayed: [] };
    const before = tree.files();
    for (let n = 1; n <= 6; n++) {
      expect(() => applyLayer(record, dyingAt(tree.host, n))).toThrow(Killed);
      if (n % 2 === 0) applyLayer(record, tree.host);
      applyLayer(inverseOf(record) as typeof record, tree.host);
      expect(allowed(tree, 60)).toBe('0-7,16-23');
      expect(tree.host.read(FOUND)).toBeNull();
    }
    expect([...tree.files().keys()]).toEqual([...before.keys()]);
  });

  it('undo forgets what was on record for a setting that was never made', async () => {
    const tree = makeLayerTree('{ watchdog: move }');
    const host = {
      ...tree.host,
      writeKernelFile: (path: string, text: string) => {
        if (path === WATCHDOG) throw new Killed();
        tree.host.writeKernelFile(path, text);
      },
    };
    await expect(tree.apply(undefined, { context: { host, qm: null } })).rejects.toThrow(Killed);
    expect(tree.host.read(FOUND)).toBe(`${WATCHDOG}\t0-31\n`);
    await tree.undo();
    expect(tree.host.read(FOUND)).toBeNull();
  });
});

describe('checkPlan() on host layers', () => {
  const codes = async (edit: (change: Extract<Change, { kind: 'layer' }>) => readonly Change[]) => {
    const tree = makeLayerTree('{ watchdog: move, timers: stay }');
    const plan = await tree.plan();
    const changes = plan.changes.flatMap(change => (change.kind === 'layer' ? edit(change) : [change]));
    const state = await tree.state();
    return checkPlan({ ...plan, changes }, state.inventory, state).map(({ code }) => code);
  };
  const LAYER: LayerName = 'watchdog';

  it('accepts what the planner makes', async () => {
    expect(await codes(change => [change])).toEqual([]);
  });

  it.each<[string, Parameters<typeof codes>[0]]>([
    ['a step left out', change => (change.layer === LAYER ? [] : [change])],
    ['a step made twice', change => [change, change]],
    ['another value', change => [{ ...change, settings: change.settings.map(move => ({ ...move, after: '0-31 ' })) }]],
    ['another beginning', change => [{ ...change, settings: change.settings.map(move => ({ ...move, before: '7' })) }]],
    [
      'a file of somebody else',
      change => [{ ...change, settings: [...change.settings, { path: '/etc/passwd', before: '', after: '' }] }],
    ],
    ['a setting of another layer', change => [{ ...change, layer: 'ksm' }]],
  ])('refuses %s', async (_, edit) => {
    expect(new Set(await codes(edit))).toEqual(new Set(['plan-layer-wrong']));
  });
});
