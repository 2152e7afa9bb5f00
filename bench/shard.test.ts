// Parts of a benchmark: together they are the whole, and each once.
import { describe, expect, it } from 'vitest';
import { inShard, parseShard } from './shard.ts';

describe('parseShard()', () => {
  it('reads the second of eight', () => {
    expect(parseShard('2/8')).toEqual({ number: 2, of: 8 });
  });

  it.each(['', '2', '0/8', '9/8', '2/0', '-1/8', '1/8/9', 'a/b', '1.5/2'])('rejects "%s"', text => {
    expect(() => parseShard(text)).toThrow(`Cannot parse shard "${text}"`);
  });
});

describe('inShard()', () => {
  it('deals every item out to one shard', () => {
    const items = ['a', 'b', 'c', 'd', 'e'];
    const dealt = [1, 2, 3].map(number => items.filter(inShard({ number, of: 3 })));
    expect(dealt).toEqual([['a', 'd'], ['b', 'e'], ['c']]);
  });
});
