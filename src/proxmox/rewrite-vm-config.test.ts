// What Proxmox leaves of a config; the recorded cases are in `npm run conform -- configs`.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rewriteVmConfig } from './rewrite-vm-config.ts';
import { VM_CONFIG_SCHEMA } from './vm-config-schema.ts';

const rewrite = (text: string) => rewriteVmConfig(text, VM_CONFIG_SCHEMA);

describe('rewriteVmConfig()', () => {
  it.each([
    ['sorts keys and puts the description first', 'numa: 1\ncores: 2\n#note\n', '#note\ncores: 2\nnuma: 1\n'],
    ['normalises values', 'numa: yes\ncores:007\r\n', 'cores: 7\nnuma: 1\n'],
    [
      'sorts sections',
      '[b1]\n[PENDING]\nnuma: 1\n[B1]\n[special:fleecing]\ncores: 1\n',
      '\n[PENDING]\nnuma: 1\n\n[special:fleecing]\n\n[B1]\n\n[b1]\n',
    ],
    ['drops an empty [PENDING]', 'numa: 1\n[PENDING]\n', 'numa: 1\n'],
    ['drops an empty description', '#\nnuma: 1\n', 'numa: 1\n'],
    ['drops the description 0', 'description: 0\nnuma: 1\n', 'numa: 1\n'],
    ['keeps an empty pending description', '[PENDING]\n#\n', '\n[PENDING]\n#\n'],
    ['escapes descriptions', 'description: a: 100%25%0Ab\n', '#a%3A 100%25\n#b\n'],
    ['turns smp into sockets', 'smp: 4\ncores: 2\n', 'sockets: 4\n'],
    ['forgets smp next to sockets', 'smp: 4\ncores: 2\nsockets: 1\n', 'cores: 2\nsockets: 1\n'],
    [
      'forgets an unused volume in use',
      'scsi0: a:1,size=4G\nunused0: a:1\nunused1: a:2\n',
      'scsi0: a:1,size=4G\nunused1: a:2\n',
    ],
    ['forgets unused volumes with large numbers', 'scsi0: a:1\nunused10: a:1\n', 'scsi0: a:1\n'],
    ['forgets an unused volume in pending use', 'unused0: a:1\n[PENDING]\nscsi0: a:1\n', '\n[PENDING]\nscsi0: a:1\n'],
    ['drops the cloud-init section without drive', 'cores: 1\n[special:cloudinit]\nname: a\n', 'cores: 1\n'],
    [
      'keeps the cloud-init section with its drive',
      'ide2: a:vm-1-cloudinit\n[special:cloudinit]\nname: a\n',
      'ide2: a:vm-1-cloudinit\n\n[special:cloudinit]\nname: a\n',
    ],
    ['strips quotes once when reading and once when writing', 'citype: """nocloud"""\n', 'citype: "nocloud"\n'],
    ['leaves nothing of nothing', '', ''],
  ])('%s', (_, text, rewritten) => {
    expect(rewrite(text)).toBe(rewritten);
  });

  it('changes nothing the second time', () => {
    const line = fc.constantFrom(
      'affinity: 8,4-7,4',
      'affinity: 0-3:2',
      'numa: yes',
      'numa:off',
      'cores: 4',
      'cores: 04',
      'memory: current=4096',
      'memory: 8g',
      'numa0: cpus=0-3',
      'numa8: cpus=0',
      '#',
      '#  a: %25',
      'description: b%0A',
      'delete: numa',
      'lock: backup',
      'args: -smp 4',
      'X: 1',
      '',
      ' ',
      'cdrom: none',
      'smp: 2',
      'sockets: 2',
      'unused0: a:1',
      'scsi0: a:1',
      'ide2: a:vm-1-cloudinit',
      'snapstate: prepare',
      'name: \xfc',
      '[PENDING]',
      '[pending]',
      '[special:cloudinit]',
      '[special:fleecing]',
      '[special:x]',
      '[snap1]',
      '[Snap-2]',
      '[1]',
    );
    const text = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n'))).map(lines => lines.flat().join(''));
    fc.assert(
      fc.property(text, config => {
        const once = rewrite(config);
        expect(rewrite(once)).toBe(once);
      }),
    );
  });
});
