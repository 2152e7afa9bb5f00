// Tests of the picture files: complete for a run, and none of nothing.
import { describe, expect, it } from 'vitest';
import { sampleMeasurement } from '#fixtures/sample-measurement.ts';
import { renderBenchPictures } from './bench-pictures.ts';

describe('renderBenchPictures()', () => {
  it('makes every picture, with its own style', () => {
    const pictures = renderBenchPictures(sampleMeasurement);
    expect([...pictures.keys()]).toEqual([
      'ratio.svg',
      'percentiles.svg',
      'histogram.svg',
      'time.svg',
      'placement-asFound.svg',
      'placement-asPlanned.svg',
    ]);
    for (const svg of pictures.values()) {
      expect(svg).toMatch(
        /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*><title id="chart-title">[^<]+<\/title><desc/,
      );
      expect(svg).toContain('prefers-color-scheme:dark');
    }
  });

  it('makes none where nothing was measured', () => {
    const host = { ...sampleMeasurement.host, topology: null };
    expect(renderBenchPictures({ ...sampleMeasurement, phases: [], blocks: [], comparison: null, host }).size).toBe(0);
  });
});
