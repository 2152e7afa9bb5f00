// Tests of what is said about the method and its limits.
import { describe, expect, it } from 'vitest';
import { sampleMeasurement } from '#fixtures/sample-measurement.ts';
import { describeLimits, describeMethod } from './bench-words.ts';

const method = (changes: object): string => describeMethod({ ...sampleMeasurement, ...changes }).join('\n');
const limits = (changes: object): string => describeLimits({ ...sampleMeasurement, ...changes }).join('\n');

describe('describeMethod()', () => {
  it.each([
    ['sched-trace', 'trace events'],
    ['schedstat', 'mean wait'],
    ['cyclictest', 'sleeps until a given time'],
    ['hdr-log', 'as it was imported'],
  ])('says what %s does', (instrument, words) => {
    expect(method({ instrument })).toContain(words);
  });

  it.each([
    ['rounds, intervals and the noise floor', {}, /rounds of three[\s\S]*95 of 100[\s\S]*noise floor/],
    ['a correction', { omissionCorrectedUs: 1000 }, /due every 1 ms, were counted/],
    ['that events may be missing', { instrument: 'cyclictest' }, /Not corrected for coordinated omission/],
    ['that nothing is missed', {}, /nothing is missed while a vCPU waits/],
    ['load that was made', { load: { kind: 'stress-ng', workers: 3 } }, /stress-ng with 3 workers/],
    ['lost events', { blocks: [{ ...sampleMeasurement.blocks[0], lost: 7 }] }, /7 events came faster/],
  ])('tells %s', (_, changes, words) => {
    expect(method(changes)).toMatch(words);
  });

  it('says nothing of rounds and intervals where nothing was compared', () => {
    expect(method({ comparison: null })).not.toMatch(/rounds|noise floor|Intervals/);
    expect(method({ load: null })).not.toContain('undefined');
  });
});

describe('describeLimits()', () => {
  it.each([
    [{ mode: 'host' }, 'Seen from the host'],
    [{ mode: 'guest' }, 'Seen from inside'],
    [{ mode: 'ssh' }, 'Seen from inside'],
    [{ mode: 'import' }, 'Taken elsewhere'],
    [{ instrument: 'schedstat' }, 'hides the worst single wait'],
    [{ load: { kind: 'built-in', workers: 1 } }, 'Made load is not your load'],
    [{}, 'The maximum is one event'],
  ])('of %j tell that', (changes, words) => {
    expect(limits(changes)).toContain(words);
  });
});
