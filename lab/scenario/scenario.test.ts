// Scenarios from YAML: what is refused, and that the message says where.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { makeScenario, sabotagedSteps } from './scenario.ts';

const GOOD = `
what: One guest is pinned.
shape: 2p2n8c
steps:
  - start: 100
  - vcpus: { 100: { 0: 1 } }
  - berth: verify --json
    exit: 2
sabotage:
  - what: nothing is started
    step: 1
    instead: { wait: 1 }
    failsAt: 2
    says: is not there
`;
const make = (text: string) => makeScenario('pin', parse(text));

describe('makeScenario()', () => {
  it('fills in what was left out', () => {
    expect(make(GOOD)).toMatchObject({ kernels: ['6.12'], boot: '', timeLimitS: 120, onlyInFull: false });
  });

  it('leaves a scenario with `gate: full` to the full run', () => {
    expect(make(GOOD.replace('shape:', 'gate: full\nshape:')).onlyInFull).toBe(true);
  });

  it('keeps every step with its verb and its text', () => {
    expect(make(GOOD).steps).toEqual([
      { verb: 'start', step: { start: 100 }, text: '{"start":100}' },
      { verb: 'vcpus', step: { vcpus: { 100: { 0: 1 } } }, text: '{"vcpus":{"100":{"0":1}}}' },
      { verb: 'berth', step: { berth: 'verify --json', exit: 2 }, text: '{"berth":"verify --json","exit":2}' },
    ]);
  });

  it('counts steps from 0 where the file counts from 1', () => {
    expect(make(GOOD).sabotage).toMatchObject([
      { index: 0, failsAt: 1, instead: { verb: 'wait' }, says: ['is not there'] },
    ]);
  });

  it('lets a sabotaged step fail itself where nothing else is said', () => {
    expect(make(GOOD.replace('    failsAt: 2\n', '')).sabotage).toMatchObject([{ index: 0, failsAt: 0 }]);
  });

  it.each([
    ['an unknown verb', '- start: 100', '- begin: 100', /^pin, step 1: .*exactly one of .*; this one has begin$/],
    ['two verbs in a step', '- start: 100', '- { start: 100, stop: 100 }', /^pin, step 1: .*has start, stop$/],
    ['a step that is a word', '- start: 100', '- start', /^pin, step 1: .*this one has none$/],
    ['an empty step', '- start: 100', '- {}', /^pin, step 1: .*this one has none$/],
    ['a misspelt key of a step', 'exit: 2', 'exits: 2', /^pin, step 3: .*"exits"/],
    ['a value of the wrong kind', 'exit: 2', 'exit: two', /^pin, step 3: exit: /],
    ['a VMID that Proxmox does not give', '- start: 100', '- start: 99', /^pin, step 1: start: /],
    ['a vCPU that is no number', '{ 0: 1 }', '{ first: 1 }', /^pin, step 2: vcpus.100.first: /],
    ['no steps', /steps:(\n {2}.*)*\nsabotage/, 'steps: []\nsabotage', /^pin: steps: /],
    ['no description', 'what: One guest is pinned.\n', '', /^pin: what: /],
    ['no shape', 'shape: 2p2n8c\n', '', /^pin: shape: /],
    ['a gate that there is not', 'shape:', 'gate: fast\nshape:', /^pin: gate: /],
    ['a shape that there is not', '2p2n8c', '3p2n8c', /^pin: shape: .*"2p2n8c"/],
    ['an empty list of kernels', 'shape:', 'kernels: []\nshape:', /^pin: kernels: /],
    ['a kernel that YAML takes for a number', 'shape:', 'kernels: [6.1]\nshape:', /^pin: kernels.0: /],
    ['a key of the scenario that there is not', 'shape:', 'time: 3\nshape:', /^pin: .*"time"/],
    ['no sabotage', /sabotage:[\s\S]*/, 'sabotage: []', /^pin: sabotage: a scenario needs at least one sabotage/],
    ['no key for sabotage', /sabotage:[\s\S]*/, '', /^pin: sabotage: /],
    ['a sabotage of step 0', 'step: 1', 'step: 0', /^pin: sabotage.0.step: /],
    ['a sabotage behind the last step', 'step: 1', 'step: 4', /^pin, sabotage 1: there are only 3 steps$/],
    ['one that fails behind the last step', 'failsAt: 2', 'failsAt: 4', /^pin, sabotage 1: there are only 3 steps$/],
    ['an unknown verb in a sabotage', '{ wait: 1 }', '{ rest: 1 }', /^pin, sabotage 1: .*this one has rest$/],
    ['a sabotage that may fail for any reason', / {4}says: .*\n/, '', /^pin: sabotage.0.says: /],
    ['a sabotage without a step', / {4}instead: .*\n/, '', /^pin, sabotage 1: .*this one has none$/],
  ])('refuses %s, and says where', (_, from, to, message) => {
    const text = GOOD.replace(from, to);
    expect(text).not.toBe(GOOD);
    expect(() => make(text)).toThrow(message);
  });

  it.each([
    ['null', null],
    ['a list', []],
    ['a text', 'what'],
  ])('refuses %s', (_, yaml) => {
    expect(() => makeScenario('pin', yaml)).toThrow(/^pin: /);
  });
});

describe('sabotagedSteps()', () => {
  it('replaces one step and keeps the others', () => {
    const scenario = make(GOOD);
    const [sabotage] = scenario.sabotage;
    if (sabotage === undefined) throw new Error('no sabotage');
    expect(sabotagedSteps(scenario, sabotage).map(({ verb }) => verb)).toEqual(['wait', 'vcpus', 'berth']);
    expect(scenario.steps.map(({ verb }) => verb)).toEqual(['start', 'vcpus', 'berth']);
  });
});
