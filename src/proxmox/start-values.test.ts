// How Perl takes config values for truths, counts and numbers.
import { describe, expect, it } from 'vitest';
import {
  configuredMemory,
  countOrOne,
  countSockets,
  encodePerlNumber,
  hasMemoryHotplug,
  isSet,
  perlNumber,
  startValues,
} from './start-values.ts';

const values = (entries: Record<string, string>) => new Map(Object.entries(entries));

describe('startValues()', () => {
  it('keeps nothing of a template that matters to vCPUs and memory', () => {
    const template = startValues(values({ template: '1', cores: '4', memory: '8192', numa: '1', affinity: '0-3' }));
    expect([...template]).toEqual([['kvm', '0']]);
  });

  it.each([{ cores: '4' }, { cores: '4', template: '0' }])('keeps %j', entries => {
    expect(startValues(values(entries))).toEqual(values(entries));
  });
});

describe('isSet()', () => {
  it.each([
    [{}, false],
    [{ numa: '0' }, false],
    [{ numa: '' }, false],
    [{ numa: '1' }, true],
    [{ numa: '0.0' }, true],
    [{ numa: 'any' }, true],
  ])('%j: %s', (entries: Record<string, string>, set) => {
    expect(isSet(values(entries), 'numa')).toBe(set);
  });
});

describe('countOrOne()', () => {
  it.each([
    [{}, 1],
    [{ cores: '0' }, 1],
    [{ cores: '6' }, 6],
  ])('%j: %s', (entries: Record<string, string>, count) => {
    expect(countOrOne(values(entries), 'cores')).toBe(count);
  });
});

describe('countSockets()', () => {
  it.each([
    [{}, 1],
    [{ sockets: '2' }, 2],
    [{ smp: '3' }, 3],
    [{ smp: '3', sockets: '2' }, 2],
    [{ smp: '3', sockets: '0' }, 3],
  ])('%j: %s', (entries: Record<string, string>, count) => {
    expect(countSockets(values(entries))).toBe(count);
  });
});

describe('configuredMemory()', () => {
  it.each([
    [{}, '512'],
    [{ memory: '8192' }, '8192'],
    [{ memory: 'current=8192' }, '8192'],
    [{ memory: '0512' }, '0512'],
  ])('%j: %s', (entries: Record<string, string>, memory) => {
    expect(configuredMemory(values(entries))).toBe(memory);
  });
});

describe('hasMemoryHotplug()', () => {
  it.each([
    [{}, false],
    [{ hotplug: '1' }, false],
    [{ hotplug: 'disk,memory' }, true],
  ])('%j: %s', (entries: Record<string, string>, hotplug) => {
    expect(hasMemoryHotplug(values(entries))).toBe(hotplug);
  });
});

describe('perlNumber()', () => {
  it.each([
    ['1024', 1024],
    ['1G', 1],
    ['any', 0],
    ['', 0],
    ['12.5', 12.5],
    ['.5x', 0.5],
    ['1e3', 1000],
    ['-2', -2],
    ['0x10', 0],
    ['x5', 0],
    [' \t7', 7],
    ['.25', 0.25],
    ['25e-2', 0.25],
    ['1e10', 1e10],
    ['1ex', 1],
  ])('%j: %s', (text, number) => {
    expect(perlNumber(text)).toBe(number);
  });
});

describe('encodePerlNumber()', () => {
  it.each([
    [512, '512'],
    [4096.5, '4096.5'],
    [8192 / 3, '2730.66666666667'],
    [1024 / 3, '341.333333333333'],
    [0.1 + 0.2, '0.3'],
  ])('%d', (number, text) => {
    expect(encodePerlNumber(number)).toBe(text);
  });
});
