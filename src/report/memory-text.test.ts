// Tests of amounts as people read them.
import { describe, expect, it } from 'vitest';
import { renderKib, renderMib, renderPageSize } from './memory-text.ts';

describe('renderMib()', () => {
  it.each([
    [0, '0 MiB'],
    [1023, '1023 MiB'],
    [1024, '1 GiB'],
    [64_432, '62.9 GiB'],
    [1024 * 1024, '1 TiB'],
    [1_610_612, '1.5 TiB'],
  ])('%d', (mib, text) => expect(renderMib(mib)).toBe(text));
});

describe('renderKib()', () => {
  it.each([
    [512, '512 KiB'],
    [1536, '1.5 MiB'],
    [98_304, '96 MiB'],
  ])('%d', (kib, text) => expect(renderKib(kib)).toBe(text));
});

describe('renderPageSize()', () => {
  it.each([
    [64, '64K'],
    [2048, '2M'],
    [1_048_576, '1G'],
  ])('%d', (kib, text) => expect(renderPageSize(kib)).toBe(text));
});
