// Every rule against the hosts made for it, and the order of what is found.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { IMPACTS } from '#domain/doctor-finding.ts';
import { doctorCases } from '#fixtures/doctor/doctor-cases.ts';
import { examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';
import { DOCTOR_CODES, examineHost } from './examine-host.ts';

const cases = (kind: 'triggers' | 'nearMisses') =>
  DOCTOR_CODES.flatMap(code => Object.entries(doctorCases[code][kind]).map(([name, tree]) => ({ code, name, tree })));

describe('examineHost()', () => {
  it.each(cases('triggers'))('finds $code: $name', async ({ code, tree }) => {
    const { findings } = await examineTree(tree);
    expect(findings.map(finding => finding.code)).toContain(code);
  });

  it.each(cases('nearMisses'))('does not find $code: $name', async ({ code, tree }) => {
    const { findings } = await examineTree(tree);
    expect(findings.map(finding => finding.code)).not.toContain(code);
  });

  it.each(cases('triggers'))('proves $code by lines that are there: $name', async ({ tree }) => {
    const { findings } = await examineTree(tree);
    for (const { evidence } of findings) {
      expect(evidence.length).toBeGreaterThan(0);
      for (const { file, line, text } of evidence) {
        if (line !== null) expect(tree.get(file)?.split('\n')[line - 1]).toBe(text);
      }
    }
  });

  it('puts the gravest first, then the host before its guests, then orders by code', async () => {
    const tree = makeDoctorTree({
      vms: {
        102: 'cores: 2\naffinity: 20-21\nnuma0: cpus=0-1,memory=512\naffinity0: 1\n',
        103: 'cores: 2\naffinity: 4-5\n',
        104: 'affinity: 77\n',
        101: 'affinity: 99\n',
      },
      files: {
        '/proc/cmdline': 'isolcpus=managed_irq,domain,0-3,16-19\n',
        '/sys/devices/system/cpu/isolated': '0-3,16-19\n',
      },
    });
    const { view, findings } = await examineTree(tree);
    expect(findings.map(({ impact, subject, code }) => `${impact} ${subject} ${code}`)).toEqual([
      'breaks-start 101 affinity-breaks-start',
      'breaks-start 104 affinity-breaks-start',
      'ineffective 102 numa-line-without-numa',
      'ineffective 102 unknown-key',
      'hurts-latency host cpu0-isolated',
      'hurts-latency 102 siblings-split',
    ]);
    expect(examineHost(view)).toEqual(findings);
    expect(IMPACTS).toHaveLength(4);
  });

  it('leaves templates alone: they do not start', async () => {
    const { findings } = await examineTree(makeDoctorTree({ vms: { 101: 'template: 1\naffinity: 99\n' } }));
    expect(findings).toEqual([]);
  });

  it('finds nothing on a host without guests or Proxmox', async () => {
    expect((await examineTree(makeDoctorTree({ shape: 'tiny' }))).findings).toEqual([]);
  });
});

const PAGES = 'docs/findings';
const SECTIONS = ['Why it matters', 'See for yourself', 'What to do', 'When to ignore it'];

describe('the pages of findings', () => {
  test.each(DOCTOR_CODES)('explain %s', code => {
    expect(existsSync(`${PAGES}/${code}.md`)).toBe(true);
    const lines = readFileSync(`${PAGES}/${code}.md`, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe(`# ${code}`);
    expect(lines.filter(line => line.startsWith('## '))).toEqual(SECTIONS.map(section => `## ${section}`));
    expect(lines.length).toBeLessThanOrEqual(40);
  });

  it('name the impact that the rule has', async () => {
    for (const code of DOCTOR_CODES) {
      for (const tree of Object.values(doctorCases[code].triggers)) {
        const impact = (await examineTree(tree)).findings.find(finding => finding.code === code)?.impact;
        expect(readFileSync(`${PAGES}/${code}.md`, 'utf8')).toContain(`Impact: \`${impact}\`.`);
      }
    }
  });

  it('are about codes that there are', () => {
    expect(readdirSync(PAGES).sort()).toEqual(DOCTOR_CODES.map(code => `${code}.md`));
  });
});
