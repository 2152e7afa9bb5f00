// A pid file counts only when the process behind it is that VM's.
import { describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { readVmProcess } from './vm-process.ts';

const fields = Array.from({ length: 50 }, (_, index) => index + 3).join(' ');
const stat = `4242 (kvm) ${fields}\n`;
const argv = (...args: string[]) => `${args.join('\0')}\0`;
const qemu = argv('/usr/bin/kvm', '-id', '100', '-pidfile', '/var/run/qemu-server/100.pid', '-daemonize');

function processOf(files: { pid?: string; cmdline?: string; stat?: string }) {
  const paths = {
    '/run/qemu-server/100.pid': files.pid,
    '/proc/4242/cmdline': files.cmdline,
    '/proc/4242/stat': files.stat,
  };
  const tree = makeTextTree(new Map(Object.entries(paths).flatMap(([path, text]) => (text ? [[path, text]] : []))));
  return readVmProcess(tree, vmId(100));
}

describe('readVmProcess()', () => {
  it.each([
    ['as Proxmox starts it', qemu],
    ['with the other spelling of /run', qemu.replace('/var/run/', '/run/')],
  ])('finds QEMU %s', (_, cmdline) => {
    expect(processOf({ pid: '4242\n', cmdline, stat })).toEqual({ pid: 4242, startTime: 22 });
  });

  it.each([
    ['there is no pid file', { cmdline: qemu, stat }],
    ['there is no such process', { pid: '4242\n' }],
    ['the process ends while it is looked at', { pid: '4242\n', stat }],
    ['the process is a shell', { pid: '4242\n', cmdline: argv('/bin/sh'), stat }],
    ['it is another VM’s QEMU', { pid: '4242\n', cmdline: qemu.replaceAll('100', '1000'), stat }],
    ['it edits the pid file', { pid: '4242\n', cmdline: argv('vi', '/run/qemu-server/100.pid'), stat }],
    ['its last argument is -pidfile', { pid: '4242\n', cmdline: argv('kvm', '-pidfile'), stat }],
    ['its pid file is elsewhere', { pid: '4242\n', cmdline: argv('kvm', '-pidfile', '/tmp/100.pid'), stat }],
    ['it has that name inside another argument', { pid: '4242\n', cmdline: argv(qemu.replaceAll('\0', ' ')), stat }],
    ['the process is a zombie', { pid: '4242\n', cmdline: '\0', stat }],
  ])('says that the VM does not run when %s', (_, files) => {
    expect(processOf(files)).toBeNull();
  });

  it.each(['kvm\n', '0\n', '-1\n', '42 42\n', '4242\n4243\n', '99999999999\n', '1/../2'])(
    'rejects the pid file %j, naming it',
    pid => {
      expect(() => processOf({ pid, cmdline: qemu, stat })).toThrow('Cannot parse /run/qemu-server/100.pid');
    },
  );
});
