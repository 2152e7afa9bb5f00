// Stored measurements: their numbers, what is read back, and a disk that refuses.
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { vmId } from '#domain/ids.ts';
import type { Measurement } from '#domain/measurement.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { nextMeasurementId, readMeasurement, readMeasurements, writeMeasurement } from './measurement-files.ts';
import { openHost } from './open-host.ts';

const measurement = (id: string): Measurement => ({
  ...{ id, node: 'pve1', vmid: vmId(100), guestName: null, mode: 'host', instrument: 'sched-trace' },
  ...{ startedAt: '2026-01-01T00:00:00.000Z', finishedAt: '2026-01-01T00:00:01.000Z', endedEarly: null, plan: null },
  ...{ changes: [], commands: [], omissionCorrectedUs: null, load: null },
  host: { kernel: null, bootCommandLine: null, governors: [], memoryMiB: 0, topology: null },
  ...{ blocks: [], phases: [], comparison: null },
});

describe('stored measurements', () => {
  it('are numbered as they come, and read back as they were', () => {
    const host = openHost(makeTemporaryTree({}));
    expect(nextMeasurementId(host)).toBe('0001');
    expect(writeMeasurement(host, measurement('0001'))).toEqual({
      ...{ path: '/var/lib/berth/measurements/0001.json', problem: null },
    });
    writeMeasurement(host, measurement('0002'));
    expect(nextMeasurementId(host)).toBe('0003');
    expect(readMeasurement(host, '2')).toEqual(measurement('0002'));
    expect(readMeasurements(host).map(({ id }) => id)).toEqual(['0001', '0002']);
  });

  it.each(['3', '../journal/0001', '', 'x'])('are not found by the id %j', id => {
    const host = openHost(makeTemporaryTree({}));
    writeMeasurement(host, measurement('0001'));
    expect(() => readMeasurement(host, id)).toThrow('There is no measurement');
  });

  it('go to memory when the disk does not take them, and are found there', () => {
    const other = openHost(makeTemporaryTree({ 'var/lib/berth/measurements': 'no directory\n' }));
    expect(writeMeasurement(other, measurement('0001'))).toMatchObject({
      ...{ path: '/run/berth/measurements/0001.json', problem: expect.stringContaining('Cannot write') },
    });
    expect(readMeasurements(other)).toEqual([measurement('0001')]);
    expect(nextMeasurementId(other)).toBe('0002');
  });

  it('that are none are named', () => {
    const host = openHost(makeTemporaryTree({ 'var/lib/berth/measurements/0009.json': '{}' }));
    expect(() => readMeasurements(host)).toThrow(ParseError);
  });
});
