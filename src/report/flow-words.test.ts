// Tests of breaking rows into lines.
import { describe, expect, it } from 'vitest';
import { parseCpuList } from '#domain/id-list.ts';
import { flowCpuList, flowWords, plainPiece } from './flow-words.ts';

const flow = (words: readonly string[], width: number): readonly string[] =>
  flowWords(words.map(plainPiece), { width, separator: ' · ' });

describe('flowWords()', () => {
  it('fills lines to the last column', () => {
    expect(flow(['aa', 'bb', 'cc'], 7)).toEqual(['aa · bb', 'cc']);
    expect(flow(['aa', 'bb', 'cc'], 6)).toEqual(['aa', 'bb', 'cc']);
  });

  it('gives a piece that is too long its own line', () => {
    expect(flow(['a', 'bbbbbbbbbb', 'c'], 5)).toEqual(['a', 'bbbbbbbbbb', 'c']);
  });

  it('counts shown columns, not characters', () => {
    const painted = { text: '\x1b[1mab\x1b[0m', length: 2 };
    expect(flowWords([painted, painted], { width: 5, separator: ' ' })).toHaveLength(1);
  });

  it('has no lines for no pieces', () => {
    expect(flow([], 10)).toEqual([]);
  });
});

describe('flowCpuList()', () => {
  it('breaks behind commas and loses nothing', () => {
    const lines = flowCpuList(parseCpuList('0-3,8,16-19'), 7);
    expect(lines).toEqual(['0-3,8,', '16-19']);
    expect(lines.join('')).toBe('0-3,8,16-19');
  });
});
