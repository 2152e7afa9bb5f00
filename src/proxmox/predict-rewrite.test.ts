// The lines that a rewrite by Proxmox will cost.
import { describe, expect, it } from 'vitest';
import { predictRewrite } from './predict-rewrite.ts';
import { rewriteVmConfig } from './rewrite-vm-config.ts';
import { VM_CONFIG_SCHEMA } from './vm-config-schema.ts';

const predict = (text: string) =>
  predictRewrite(text, VM_CONFIG_SCHEMA).map(({ line, before, after }) => `${line}: ${before} → ${after ?? 'gone'}`);

describe('predictRewrite()', () => {
  it.each<[string, string, string[]]>([
    ['nothing for lines that only move', 'numa: 1\n\ncores: 2\n#note\n\n\n[s1]\n#a\ncores: 1\n', []],
    ['reformatted values', 'numa: yes\ncores:4\n', ['1: numa: yes → numa: 1', '2: cores:4 → cores: 4']],
    ['unknown keys', 'affinity0: 0\n', ['1: affinity0: 0 → gone']],
    ['comments behind values', 'cores: 1 # one\n', ['1: cores: 1 # one → gone']],
    ['lines that a later one replaces', 'cores: 1\ncores: 2\n', ['1: cores: 1 → gone']],
    [
      'lines after the one that counts',
      'numa: yes\nnuma: maybe\n',
      ['1: numa: yes → numa: 1', '2: numa: maybe → gone'],
    ],
    [
      'unknown sections',
      'cores: 1\n[special:x]\ncores: 2\n#a\n',
      ['2: [special:x] → gone', '3: cores: 2 → gone', '4: #a → gone'],
    ],
    ['the first of two sections', '[s1]\ncores: 1\n[s1]\ncores: 2\n', ['1: [s1] → gone', '2: cores: 1 → gone']],
    ['spellings of headers', '[pending]\ncores: 1\n', ['1: [pending] → [PENDING]']],
    ['an empty [PENDING]', 'cores: 1\n[PENDING]\n', ['2: [PENDING] → gone']],
    [
      'the cloud-init section without drive',
      '[special:cloudinit]\nname: a\n',
      ['1: [special:cloudinit] → gone', '2: name: a → gone'],
    ],
    ['descriptions', '# a: b\n#c  \n#\n', ['1: # a: b → # a%3A b', '2: #c   → #c', '3: # → gone']],
    ['old descriptions', 'description: a\n', ['1: description: a → #a']],
    ['old descriptions with other blanks', 'description: \ta: b\n', ['1: description: \ta: b → #a%3A b']],
    ['nothing for a comment inside another', '# #a\n#a\n#description: b\n', ['3: #description: b → #description%3A b']],
    ['renamed keys', 'cdrom: none\n', ['1: cdrom: none → ide2: none']],
    ['a snapshot named like a special section', '[cloudinit]\nnuma: on\n', ['2: numa: on → numa: 1']],
  ])('tells %s', (_, text, expected) => {
    expect(predict(text)).toEqual(expected);
  });

  it('tells nothing about a file that Proxmox wrote', () => {
    const messy = '[s1]\ncores: 1\n[pending]\nnuma: yes\n[special:x]\nX\n#a\n';
    expect(predict(rewriteVmConfig(messy, VM_CONFIG_SCHEMA))).toEqual([]);
  });
});
