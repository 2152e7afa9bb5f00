// Order, limit and failure of bounded concurrency.
import { describe, expect, it } from 'vitest';
import { mapBounded } from './map-bounded.ts';

describe('mapBounded()', () => {
  it('keeps the order, however long each takes', async () => {
    const wait = (ms: number) => new Promise<number>(resolve => setTimeout(() => resolve(ms), ms));
    expect(await mapBounded([9, 1, 5, 0], 2, wait)).toEqual([9, 1, 5, 0]);
  });

  it('runs no more than the limit at a time', async () => {
    let running = 0;
    let most = 0;
    await mapBounded(Array.from({ length: 20 }), 3, async () => {
      most = Math.max(most, ++running);
      await new Promise(resolve => setImmediate(resolve));
      running--;
    });
    expect(most).toBe(3);
  });

  it('does nothing for no items', async () => {
    expect(await mapBounded([], 3, () => Promise.reject(new Error('called')))).toEqual([]);
  });

  it('throws the first failure', async () => {
    const run = (item: number) => (item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item));
    await expect(mapBounded([1, 2, 3], 2, run)).rejects.toThrow('two');
  });
});
