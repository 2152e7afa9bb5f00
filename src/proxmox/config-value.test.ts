// Values of a VM config: what Proxmox normalises and what it drops.
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { parseConfigValue, parseDeletions, parseHotplugFeatures, splitList, type ValueKind } from './config-value.ts';

describe('parseConfigValue()', () => {
  it.each<[ValueKind, string, string]>([
    ['boolean', 'Yes', '1'],
    ['boolean', 'on', '1'],
    ['boolean', 'TRUE', '1'],
    ['boolean', 'Off', '0'],
    ['boolean', 'no', '0'],
    ['boolean', '1', '1'],
    ['boolean', '0', '0'],
    ['boolean', 'False', '0'],
    ['integer', '007', '7'],
    ['integer', '18446744073709551615', '18446744073709551615'],
    ['number', '2.50', '2.50'],
    ['text', '"quoted"', 'quoted'],
    ['text', '""twice""', '"twice"'],
    ['text', '"half', '"half'],
    ['text', 'half"', 'half"'],
    ['text', '"a"b', '"a"b'],
    ['text', 'x"y"', 'x"y"'],
    ['number', '12', '12'],
    ['number', '12.345', '12.345'],
    ['hotplug', '0', '0'],
    ['dns-name', 'a', 'a'],
    ['dns-name', 'a.b-c.9', 'a.b-c.9'],
    ['unchecked', '"kept"', '"kept"'],
    ['cpuset', '8,4-7,4', '8,4-7,4'],
    ['memory', 'current=4096', 'current=4096'],
    ['numa-node', 'cpus=0', 'cpus=0'],
    ['hotplug', 'disk;memory', 'disk;memory'],
    ['dns-name', 'db-01.example', 'db-01.example'],
  ])('keeps %s %j as %j', (kind, value, kept) => {
    expect(parseConfigValue(value, kind)).toBe(kept);
  });

  it.each<[ValueKind, string, string]>([
    ['boolean', 'maybe', "type check ('boolean') failed - got 'maybe'"],
    ['boolean', '2', "type check ('boolean') failed - got '2'"],
    ['boolean', 'xyes', "type check ('boolean') failed - got 'xyes'"],
    ['boolean', 'yesx', "type check ('boolean') failed - got 'yesx'"],
    ['boolean', 'xno', "type check ('boolean') failed - got 'xno'"],
    ['boolean', 'nox', "type check ('boolean') failed - got 'nox'"],
    ['integer', 'x1', "type check ('integer') failed - got 'x1'"],
    ['integer', '', "type check ('integer') failed - got ''"],
    ['number', '1.', "type check ('number') failed - got '1.'"],
    ['number', 'x1', "type check ('number') failed - got 'x1'"],
    ['number', '1.5.5', "type check ('number') failed - got '1.5.5'"],
    ['unchecked', 'a\nb', 'property contains a line feed'],
    ['memory', '15', 'format error\ncurrent: value must have a minimum value of 16'],
    ['numa-node', 'memory=1', 'format error\ncpus: property is missing and it is not optional'],
    ['hotplug', 'xdisk', "invalid hotplug feature 'xdisk'"],
    ['hotplug', 'diskx', "invalid hotplug feature 'diskx'"],
    ['integer', '-1', "type check ('integer') failed - got '-1'"],
    ['integer', '1 # one socket', "type check ('integer') failed - got '1 # one socket'"],
    ['number', '.5', "type check ('number') failed - got '.5'"],
    ['number', '1e3', "type check ('number') failed - got '1e3'"],
    ['text', 'a\rb', 'property contains a line feed'],
    ['cpuset', '0-3:2', 'unable to parse cpuset option'],
    ['memory', '8g', "format error\ncurrent: type check ('integer') failed - got '8g'"],
    ['memory', '8', 'format error\ncurrent: value must have a minimum value of 16'],
    ['hotplug', 'disk,ram', "invalid hotplug feature 'ram'"],
    ['dns-name', 'under_score', 'value does not look like a valid DNS name'],
    ['dns-name', '-db', 'value does not look like a valid DNS name'],
    ['dns-name', 'db-', 'value does not look like a valid DNS name'],
    ['dns-name', 'db..x', 'value does not look like a valid DNS name'],
    ['dns-name', 'db.', 'value does not look like a valid DNS name'],
    ['dns-name', 'db x', 'value does not look like a valid DNS name'],
  ])('refuses %s %j', (kind, value, message) => {
    expect(() => parseConfigValue(value, kind)).toThrow(new ParseError(message));
  });
});

describe('parseHotplugFeatures()', () => {
  it.each([
    [undefined, ['network', 'disk', 'usb']],
    ['1', ['network', 'disk', 'usb']],
    ['0', []],
    ['memory,cpu', ['memory', 'cpu']],
    ['network;disk cpu,memory,usb,cloudinit', ['network', 'disk', 'cpu', 'memory', 'usb', 'cloudinit']],
    ['', []],
  ])('reads %j', (value, features) => {
    expect([...parseHotplugFeatures(value)]).toEqual(features);
  });
});

describe('parseDeletions()', () => {
  it.each([
    ['numa,!affinity; tags', ['numa', 'affinity', 'tags']],
    ['numa!', ['numa!']],
    ['', []],
    [undefined, []],
  ])('reads %j', (value, keys) => {
    expect(parseDeletions(value)).toEqual(keys);
  });
});

describe('splitList()', () => {
  it.each([
    ['a;b, c  d', ['a', 'b', 'c', 'd']],
    ['', []],
    [' ; ', []],
    ['a\0b\tc\nd\re\ff\vg', ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
  ])('splits %j', (text, words) => {
    expect(splitList(text)).toEqual(words);
  });
});
