// What pve-manager says of its version.
import { describe, expect, it } from 'vitest';
import { parsePveVersion } from './parse-pve-version.ts';

const module = (body: string) => `package PVE::pvecfg;\n\nsub package {\n    return 'pve-manager';\n}\n\n${body}\n`;

describe('parsePveVersion()', () => {
  it.each([
    ['8.4.1', 'supported', module("sub version {\n    return '8.4.1';\n}\n\nsub release { return '8.4'; }")],
    ['9.0.0~10', 'supported', module('sub version { return "9.0.0~10" }')],
    ['7.4-17', 'untried', module("sub version { return '7.4-17'; }")],
    ['10.0.1', 'untried', module("sub version { return '10.0.1'; }")],
    [null, 'untried', module("sub release { return '8.4'; }")],
    [null, 'untried', ''],
    [null, 'none', null],
  ])('reads %s as %s', (version, support, text) => {
    expect(parsePveVersion(text)).toEqual({ version, support });
  });
});
