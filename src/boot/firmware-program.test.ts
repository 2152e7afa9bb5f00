// The firmware's variables, byte by byte.
import { describe, expect, it } from 'vitest';
import { parseBootCurrent, parseBootEntry } from './firmware-program.ts';

const GUID = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
const wide = (text: string) => [...text].map(char => `${char}\0`).join('');

describe('parseBootCurrent()', () => {
  it.each([
    ['\x06\0\0\0\x01\0', `Boot0001-${GUID}`],
    ['\x06\0\0\0\x0a\0', `Boot000A-${GUID}`],
    ['\x06\0\0\0\x34\x12', `Boot1234-${GUID}`],
    ['\x06\0\0\0\x01', null],
    ['', null],
  ])('reads %j', (text, name) => {
    expect(parseBootCurrent(text)).toBe(name);
  });
});

describe('parseBootEntry()', () => {
  it('finds the program behind the name of the entry and its partition', () => {
    const path = wide('\\EFI\\systemd\\systemd-bootx64.efi');
    expect(parseBootEntry(`\x07\0\0\0\x01\0\0\0t\0${wide('Linux Boot Manager')}\0\0\x04\x01*\0${path}\0\0`)).toBe(
      '\\EFI\\systemd\\systemd-bootx64.efi',
    );
  });

  it.each(['', wide('UEFI OS'), wide('\\EFI\\BOOT')])('finds none in %j', text => {
    expect(parseBootEntry(text)).toBeNull();
  });
});
