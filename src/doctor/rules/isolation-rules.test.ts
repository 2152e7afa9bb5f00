// What the rules about isolation say of parameters that the kernel took in part.
import { expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';
import { isolationRules } from './isolation-rules.ts';

const CPU = '/sys/devices/system/cpu';

async function findIn(parameters: string, isolated: string, nohzFull: string) {
  const files = {
    '/proc/cmdline': `root=/dev/sda1 ${parameters}\n`,
    [`${CPU}/isolated`]: `${isolated}\n`,
    [`${CPU}/nohz_full`]: `${nohzFull}\n`,
  };
  const { findings } = await examineTree(makeDoctorTree({ files }));
  return findings.filter(({ code }) => code in isolationRules).map(({ code, facts }) => ({ code, ...facts }));
}

it('isolation-shortened judges each parameter by its own file', async () => {
  const parameters = 'isolcpus=managed_irq,domain,4-7,20-23 nohz_full=4-35';
  expect(await findIn(parameters, '4-7,20-23', '(null)')).toEqual([
    { code: 'isolation-shortened', parameter: 'nohz_full', values: ['4-35'], taken: cpuSet() },
  ]);
});

it('isolation-shortened shows every value of a parameter that is given twice', async () => {
  const parameters = 'isolcpus=managed_irq,domain,4,20 isolcpus=managed_irq,domain,5,21';
  expect(await findIn(parameters, '4,20', '(null)')).toEqual([
    {
      code: 'isolation-shortened',
      parameter: 'isolcpus',
      values: ['managed_irq,domain,4,20', 'managed_irq,domain,5,21'],
      taken: cpuSet([4, 20]),
    },
  ]);
});

it('isolated-siblings names only the cores that are split', async () => {
  expect(await findIn('isolcpus=managed_irq,domain,4-7,20-21', '4-7,20-21', '(null)')).toEqual([
    { code: 'isolated-siblings', cpus: cpuSet([6, 7]), siblings: cpuSet([22, 23]) },
  ]);
});
