// What the kernel would do with cgroups and cpuset partitions (version 2, 6.7 and later), done to the files of a captured tree.
import { posix } from 'node:path';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { type CpuSet, unionOf } from '#domain/id-set.ts';
import { HostError } from './host-error.ts';

const ROOT = '/sys/fs/cgroup';
const CPUSET_FILES = ['cpuset.cpus', 'cpuset.cpus.exclusive', 'cpuset.cpus.effective', 'cpuset.cpus.partition'];

/** A tree that can be changed; `write` with null removes. */
export interface CgroupFiles {
  readonly read: (path: string) => string | null;
  readonly list: (path: string) => readonly string[];
  readonly write: (path: string, text: string | null) => void;
  readonly makeDirectory: (path: string) => void;
  readonly removeDirectory: (path: string) => void;
}

export function makeSimulatedCgroup(files: CgroupFiles, cgroup: string): void {
  files.makeDirectory(cgroup);
  files.write(`${cgroup}/cgroup.type`, 'domain\n');
  files.write(`${cgroup}/cgroup.threads`, '\n');
  files.write(`${cgroup}/cgroup.subtree_control`, '\n');
  if (!handsDownCpuset(files, posix.dirname(cgroup))) return;
  addCpuset(files, cgroup);
  settle(files);
}

export function removeSimulatedCgroup(files: CgroupFiles, cgroup: string): void {
  if ((files.read(`${cgroup}/cgroup.threads`) ?? '').trim() !== '')
    throw new HostError('busy', `Cannot remove ${cgroup}: it has threads`);
  for (const name of files.list(cgroup)) files.write(`${cgroup}/${name}`, null);
  files.removeDirectory(cgroup);
  const scope = posix.dirname(cgroup);
  files.write(`${scope}/cgroup.type`, 'domain\n');
  settle(files);
}

/** True when the file is one of those that behave as described here; the write is then done, or refused as the kernel refuses it. */
export function writeSimulatedCgroupFile(files: CgroupFiles, path: string, text: string): boolean {
  const cgroup = posix.dirname(path);
  const value = text.trim();
  switch (posix.basename(path)) {
    case 'cgroup.type':
      files.write(path, `${value}\n`);
      files.write(`${posix.dirname(cgroup)}/cgroup.type`, 'domain threaded\n');
      return true;
    case 'cgroup.subtree_control':
      switchController(files, cgroup, value);
      return true;
    case 'cgroup.threads':
      moveThread(files, cgroup, Number(value));
      return true;
    case 'cpuset.cpus':
      setCpus(files, cgroup, value);
      return true;
    case 'cpuset.cpus.exclusive':
      setExclusive(files, cgroup, parseCpuList(value));
      return true;
    case 'cpuset.cpus.partition':
      files.write(path, `${value}\n`);
      settle(files);
      return true;
    default:
      return false;
  }
}

/** What systemd does for a unit right below the root: the controller is on while a unit there, or somebody else, needs it. */
export function setSimulatedUnitCpus(files: CgroupFiles, unit: string, cpus: CpuSet): void {
  if (!handsDownCpuset(files, ROOT)) switchController(files, ROOT, '+cpuset');
  setCpus(files, `${ROOT}/${unit}`, encodeIdList(cpus));
  const online = readSet(files, '/sys/devices/system/cpu/online');
  const isNeeded = childrenOf(files, ROOT).some(cgroup => {
    const wanted = readSet(files, `${cgroup}/cpuset.cpus`);
    return handsDownCpuset(files, cgroup) || !(wanted.isEmpty || online.isSubsetOf(wanted));
  });
  if (!isNeeded) switchController(files, ROOT, '-cpuset');
}

function switchController(files: CgroupFiles, cgroup: string, value: string): void {
  const doing = `Cannot write "${value}" to ${cgroup}/cgroup.subtree_control`;
  const below = files
    .list(cgroup)
    .map(name => `${cgroup}/${name}`)
    .filter(path => files.read(`${path}/cgroup.type`) !== null);
  if (value === '+cpuset') {
    if (cgroup !== ROOT && !handsDownCpuset(files, posix.dirname(cgroup))) throw refused(doing, 'no such controller');
    files.write(`${cgroup}/cgroup.subtree_control`, 'cpuset\n');
    for (const child of below) addCpuset(files, child);
    settle(files);
    return;
  }
  if (below.some(child => handsDownCpuset(files, child))) throw refused(doing, 'a cgroup below depends on it');
  files.write(`${cgroup}/cgroup.subtree_control`, '\n');
  for (const child of below) for (const name of CPUSET_FILES) files.write(`${child}/${name}`, null);
  settle(files);
}

function addCpuset(files: CgroupFiles, cgroup: string): void {
  for (const [name, text] of [
    ['cpuset.cpus', '\n'],
    ['cpuset.cpus.exclusive', '\n'],
    ['cpuset.cpus.partition', 'member\n'],
    ['cpuset.cpus.effective', '\n'],
  ] as const) {
    if (files.read(`${cgroup}/${name}`) === null) files.write(`${cgroup}/${name}`, text);
  }
}

/** A thread is in one cgroup of its scope. */
function moveThread(files: CgroupFiles, cgroup: string, tid: number): void {
  const scope = posix.basename(cgroup) === 'vcpu' ? posix.dirname(cgroup) : cgroup;
  for (const place of [scope, `${scope}/vcpu`]) {
    const path = `${place}/cgroup.threads`;
    const tids = (files.read(path) ?? '').split('\n').filter(line => line !== '' && Number(line) !== tid);
    if (place === cgroup) tids.push(`${tid}`);
    tids.sort((a, b) => Number(a) - Number(b));
    if (place === cgroup || files.read(path) !== null) files.write(path, `${tids.join('\n')}\n`);
  }
}

function setCpus(files: CgroupFiles, cgroup: string, value: string): void {
  const doing = `Cannot write "${value}" to ${cgroup}/cpuset.cpus`;
  const before = files.read(`${cgroup}/cpuset.cpus`);
  if (before === null) throw new HostError('missing', `${doing}: no such file`);
  // ENOSPC from the kernel, for every cgroup that holds a process; those of captured guests do.
  if (value === '' && before.trim() !== '') throw refused(doing, 'the cgroup has processes');
  files.write(`${cgroup}/cpuset.cpus`, `${encodeIdList(parseCpuList(value))}\n`);
  settle(files);
}

function setExclusive(files: CgroupFiles, cgroup: string, cpus: CpuSet): void {
  const siblings = files
    .list(posix.dirname(cgroup))
    .map(name => `${posix.dirname(cgroup)}/${name}`)
    .filter(path => path !== cgroup);
  const taken = unionOf(siblings.map(sibling => readSet(files, `${sibling}/cpuset.cpus.exclusive`)));
  if (!taken.isDisjointFrom(cpus))
    throw refused(`Cannot write CPUs ${encodeIdList(cpus)} to ${cgroup}/cpuset.cpus.exclusive`, 'invalid argument');
  files.write(`${cgroup}/cpuset.cpus.exclusive`, `${encodeIdList(cpus)}\n`);
  settle(files);
}

/** The kernel's word for a partition that was asked for. */
function grant(files: CgroupFiles, cgroup: string): string {
  const cpus = readSet(files, `${cgroup}/cpuset.cpus.exclusive`);
  for (let above = posix.dirname(cgroup); above !== ROOT; above = posix.dirname(above)) {
    if (!cpus.isSubsetOf(readSet(files, `${above}/cpuset.cpus.exclusive`)))
      return 'isolated invalid (Parent is not a partition root)';
  }
  return cpus.isEmpty ? 'isolated invalid (Cpu list in cpuset.cpus not exclusive)' : 'isolated';
}

/** CPUs of partitions leave every other cgroup; each gets what it wants of what the one above has, and all of that when nothing is left of its wish. */
function settle(files: CgroupFiles): void {
  judgePartitions(files, ROOT);
  const isolated = isolatedBelow(files, ROOT);
  const left = readSet(files, '/sys/devices/system/cpu/online').difference(isolated);
  writeIfThere(files, `${ROOT}/cpuset.cpus.isolated`, isolated);
  writeIfThere(files, `${ROOT}/cpuset.cpus.effective`, left);
  settleBelow(files, ROOT, left);
}

function settleBelow(files: CgroupFiles, above: string, available: CpuSet): void {
  for (const cgroup of childrenOf(files, above)) {
    const wanted = readSet(files, `${cgroup}/cpuset.cpus`);
    const granted = wanted.intersection(available);
    const effective = isIsolated(files, cgroup) ? wanted : granted.isEmpty ? available : granted;
    writeIfThere(files, `${cgroup}/cpuset.cpus.effective`, effective);
    settleBelow(files, cgroup, effective);
  }
}

/** A partition lasts while all above it leave it its CPUs, and comes back with them. */
function judgePartitions(files: CgroupFiles, above: string): void {
  for (const cgroup of childrenOf(files, above)) {
    const path = `${cgroup}/cpuset.cpus.partition`;
    const word = files.read(path)?.trim() ?? '';
    const now = word.startsWith('isolated') ? grant(files, cgroup) : word;
    if (now !== word) files.write(path, `${now}\n`);
    judgePartitions(files, cgroup);
  }
}

const isolatedBelow = (files: CgroupFiles, cgroup: string): CpuSet =>
  unionOf(
    childrenOf(files, cgroup).map(child =>
      isIsolated(files, child) ? readSet(files, `${child}/cpuset.cpus`) : isolatedBelow(files, child),
    ),
  );

const isIsolated = (files: CgroupFiles, cgroup: string): boolean =>
  files.read(`${cgroup}/cpuset.cpus.partition`)?.trim() === 'isolated';

/** Captured trees hold some files of each cgroup, and directories that are none. */
const childrenOf = (files: CgroupFiles, cgroup: string): readonly string[] =>
  files
    .list(cgroup)
    .map(name => `${cgroup}/${name}`)
    .filter(path =>
      ['cgroup.type', 'cpuset.cpus', 'cpuset.cpus.effective'].some(name => files.read(`${path}/${name}`) !== null),
    );

function writeIfThere(files: CgroupFiles, path: string, cpus: CpuSet): void {
  const text = `${encodeIdList(cpus)}\n`;
  const now = files.read(path);
  if (now !== null && now !== text) files.write(path, text);
}

const readSet = (files: CgroupFiles, path: string): CpuSet => parseCpuList(files.read(path) ?? '');

const handsDownCpuset = (files: CgroupFiles, cgroup: string): boolean =>
  (files.read(`${cgroup}/cgroup.subtree_control`) ?? '').split(/\s+/).includes('cpuset');

const refused = (doing: string, why: string): HostError => new HostError('refused', `${doing}: ${why}`);
