// The systemd units beside the guests: on which CPUs they may run, and setting that until the next boot.
import { posix } from 'node:path';
import type { ConfineSupport, HostUnit, UnitWish } from '#domain/confinement.ts';
import { ParseError } from '#domain/errors.ts';
import { parseCpuList } from '#domain/id-list.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { HostError } from './host-error.ts';

const CGROUP = '/sys/fs/cgroup';
const CONFIGURED = [
  '/etc/systemd/system',
  '/etc/systemd/system.control',
  '/run/systemd/system',
  '/usr/lib/systemd/system',
];

/** lxc's monitors have a cgroup that no unit manages. */
export const isUnit = (name: string): boolean => /\.(slice|scope|service)$/.test(name);

/** Before 6.2 every change of a cpuset above them resets the masks of all threads. */
export function readConfineSupport(host: TextTree): ConfineSupport {
  const controllers = (host.read(`${CGROUP}/cgroup.controllers`) ?? '').split(/\s+/);
  if (!controllers.includes('cpuset')) return 'no-cgroup2';
  const release = /^(\d+)\.(\d+)/.exec(host.read('/proc/sys/kernel/osrelease') ?? '');
  const [major, minor] = [Number(release?.[1] ?? 0), Number(release?.[2] ?? 0)];
  return major > 6 || (major === 6 && minor >= 2) ? 'possible' : 'old-kernel';
}

/** All but those of guests: VMs and containers are kept off by their own masks and cpusets, and must be able to start on CPUs of their own. */
export function readHostUnits(host: TextTree): readonly HostUnit[] {
  const online = parseCpuList(host.read('/sys/devices/system/cpu/online') ?? '');
  return host
    .list(CGROUP)
    .filter(name => (isUnit(name) && name !== 'qemu.slice') || name === 'lxc.monitor')
    .filter(name => ['cgroup.controllers', 'cpuset.cpus'].some(file => host.read(`${CGROUP}/${name}/${file}`) !== null))
    .sort()
    .map(unit => {
      const own = isUnit(unit) ? configuredCpus(host, unit) : null;
      const set = parseCpuList(host.read(`${CGROUP}/${unit}/cpuset.cpus`) ?? '');
      const isAsConfigured = own === null ? set.isEmpty || online.isSubsetOf(set) : set.equals(own);
      const effective = host.read(`${CGROUP}/${unit}/cpuset.cpus.effective`);
      const above = host.read(`${CGROUP}/cpuset.cpus.effective`);
      return {
        unit,
        own,
        runtime: isAsConfigured ? null : set,
        effective: effective !== null ? parseCpuList(effective) : above !== null ? parseCpuList(above) : online,
      };
    });
}

/** The last file that names CPUs, in systemd's order of directories. */
function configuredCpus(host: TextTree, unit: string): CpuSet | null {
  const wishes = CONFIGURED.flatMap(directory => wishesOf(host, directory, unit)).filter(
    ({ key }) => key === 'AllowedCPUs',
  );
  return wishes[0]?.cpus ?? null;
}

/** Services that ask for CPUs by themselves, running or not. */
export function readUnitWishes(host: TextTree): readonly UnitWish[] {
  return CONFIGURED.flatMap(directory => {
    const units = host.list(directory).flatMap(name => /^(.+\.(?:service|slice|scope))(?:\.d)?$/.exec(name)?.[1] ?? []);
    return [...new Set(units)].sort().flatMap(unit => wishesOf(host, directory, unit));
  });
}

function wishesOf(host: TextTree, directory: string, unit: string): readonly UnitWish[] {
  const below = `${directory}/${unit}.d`;
  const paths = [
    ...host
      .list(below)
      .filter(name => name.endsWith('.conf'))
      .map(name => posix.join(below, name)),
    `${directory}/${unit}`,
  ];
  return paths.flatMap(path => {
    const text = readUnitFile(host, path);
    return (['AllowedCPUs', 'CPUAffinity'] as const).flatMap(key => {
      const cpus = wishIn(text, key);
      return cpus === null || cpus.isEmpty ? [] : [{ unit, key, cpus, path }];
    });
  });
}

/** Links to /dev/null are common there: a unit that is masked asks for nothing. */
function readUnitFile(host: TextTree, path: string): string | null {
  try {
    return host.read(path);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return null;
  }
}

/** `AllowedCPUs=0 3-7`, `CPUAffinity=1,2`: several lines add up, an empty one begins anew. Null without one, and for what is no list, such as `numa`. */
function wishIn(text: string | null, key: UnitWish['key']): CpuSet | null {
  const lists = [...(text ?? '').matchAll(new RegExp(`^\\s*${key}\\s*=(.*)$`, 'gm'))].map(([, list = '']) =>
    list.trim(),
  );
  if (lists.length === 0) return null;
  try {
    return unionOf(lists.slice(lists.lastIndexOf('') + 1).map(list => parseCpuList(list.split(/[\s,]+/).join(','))));
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return null;
  }
}
