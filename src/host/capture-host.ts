// Takes a host as a tree of files for a bug report: what Berth would read, without names, secrets and serial numbers.
import { placementFileJson } from '#contract/placement.ts';
import { policyJson } from '#contract/policy.ts';
import { encodeJson, parseJson } from '#contract/read-json.ts';
import type { IgnoreEntry } from '#domain/doctor-report.ts';
import { ParseError } from '#domain/errors.ts';
import type { GuestIdentity } from '#domain/guest.ts';
import { vmId } from '#domain/ids.ts';
import type { Unknown } from '#domain/text-tree.ts';
import { parsePolicy } from '#policy/parse-policy.ts';
import { findPackage, PACKAGES_PATH } from '#proxmox/parse-package-version.ts';
import { Pseudonyms } from '#proxmox/pseudonyms.ts';
import { REDACTED, redactConfigValue } from '#proxmox/redact-config-value.ts';
import { redactGuestConfig } from '#proxmox/redact-guest-config.ts';
import { captureDoctorFiles } from './capture-doctor-files.ts';
import { type CapturedFiles, captureKernelFiles, kernelDirectories } from './capture-kernel-files.ts';
import { captureFoundSettings, captureTasks, captureVmProcess } from './capture-processes.ts';
import type { Host } from './host.ts';
import { NETWORK_ROOT, readNetworkLinks } from './read-network-load.ts';
import { readNodeName } from './read-node-name.ts';
import { PLACEMENT_COPY_PATH, placementPath } from './read-placement.ts';
import { ZFS_ROOT } from './read-storage-load.ts';
import { keepLines } from './redact-boot-text.ts';

const RELEASE_PATH = '/proc/sys/kernel/osrelease';
const POLICY_PATH = '/etc/pve/berth/policy.yaml';

/** What the node is called in every capture: it is the first to be given another name. */
const NODE = 'node';

export interface Capture {
  /** Path → text, latin1. */
  readonly files: ReadonlyMap<string, string>;
  /** Directories that mean something although nothing in them was taken. */
  readonly directories: readonly string[];
  /** What is not as on the host, and why. */
  readonly leftOut: readonly Unknown[];
}

/**
 * Everything is taken by a list of what may be: a file, a line or a value that no list names stays behind. VMIDs, process ids,
 * numbers of CPUs and amounts of memory are real; names become numbered ones, the same wherever they stand.
 * @throws HostError and ParseError, where `inspect` could not read this host either.
 */
export async function captureHost(host: Host): Promise<Capture> {
  const node = readNodeName(host);
  const names = new Pseudonyms();
  names.of('node', node);
  const files: CapturedFiles = new Map([['/etc/hostname', `${NODE}\n`]]);
  const leftOut: Unknown[] = [];
  captureKernelFiles(host, files);
  captureTasks(host, files);
  captureFoundSettings(host, files);
  captureZfsPools(host, { files, names });
  captureQemuServerVersion(host, files);
  const links = captureNetworkLinks(host, { files, names });
  leftOut.push(...captureDoctorFiles(host, files, names));
  captureKernelConfig(host, files);
  for (const kind of ['vm', 'container'] as const) {
    for (const { vmid, text } of readConfigs(host, node, kind)) {
      files.set(`${configDirectory(NODE, kind)}/${vmid}.conf`, redactGuestConfig(text, { kind, vmid, names }));
      if (kind === 'vm') leftOut.push(...(await captureVmProcess(host, vmid, { files, names })));
    }
  }
  captureForeignConfigs(host, node, { files, names });
  leftOut.push(...capturePolicy(host, { files, names }), ...capturePlacement(host, node, { files, names }));
  const proxmox =
    host.list('/etc/pve').length === 0 ? [] : [configDirectory(NODE, 'vm'), configDirectory(NODE, 'container')];
  return { files, directories: [...proxmox, ...kernelDirectories(host), ...links], leftOut };
}

/** How many there are, not what they are called. */
function captureZfsPools(host: Host, { files, names }: Into): void {
  for (const pool of host.list(ZFS_ROOT)) {
    const state = host.read(`${ZFS_ROOT}/${pool}/state`);
    if (state !== null) files.set(`${ZFS_ROOT}/${names.of('pool', pool)}/state`, state);
  }
}

/** Of each card its speed, under a number: a name may hold the card's address (`enx0a1b…`). Returns the directories by which cards are known. */
function captureNetworkLinks(host: Host, { files, names }: Into): readonly string[] {
  if (host.list(NETWORK_ROOT).length === 0) return [];
  const devices = readNetworkLinks(host).map(({ name, speed }) => {
    const path = `${NETWORK_ROOT}/${names.of('link', name)}`;
    if (speed !== '') files.set(`${path}/speed`, speed);
    return `${path}/device`;
  });
  return [`${NETWORK_ROOT}/lo`, ...devices];
}

const KEPT_FIELDS = /^(Package|Status|Version):/;

/** Of all packages the one whose version says what a config may hold. */
function captureQemuServerVersion(host: Host, files: CapturedFiles): void {
  const paragraph = findPackage(host.read(PACKAGES_PATH) ?? '', 'qemu-server');
  const kept = paragraph?.split('\n').filter(line => KEPT_FIELDS.test(line)) ?? [];
  if (kept.length > 0) files.set(PACKAGES_PATH, `${kept.join('\n')}\n`);
}

interface Into {
  readonly files: CapturedFiles;
  readonly names: Pseudonyms;
}

const configDirectory = (node: string, kind: 'vm' | 'container'): string =>
  `/etc/pve/nodes/${node}/${kind === 'vm' ? 'qemu-server' : 'lxc'}`;

function readConfigs(host: Host, node: string, kind: 'vm' | 'container') {
  const directory = configDirectory(node, kind);
  return host.list(directory).flatMap(name => {
    const id = /^([1-9]\d{2,8})\.conf$/.exec(name)?.[1];
    const text = id === undefined ? null : host.read(`${directory}/${name}`);
    return text === null ? [] : [{ vmid: vmId(Number(id)), text }];
  });
}

/** Guests of other nodes, as doctor and a move look at them. */
function captureForeignConfigs(host: Host, node: string, { files, names }: Into): void {
  for (const other of host.list('/etc/pve/nodes').filter(name => name !== node)) {
    for (const kind of ['vm', 'container'] as const) {
      for (const { vmid, text } of readConfigs(host, other, kind)) {
        const directory = configDirectory(names.of('node', other), kind);
        files.set(`${directory}/${vmid}.conf`, redactGuestConfig(text, { kind, vmid, names }));
      }
    }
  }
}

const KEPT_OPTIONS =
  /^(# )?CONFIG_(NO_HZ|CPU_ISOLATION|RCU_NOCB|NUMA_BALANCING|HUGETLB|TRANSPARENT_HUGEPAGE|PREEMPT|HZ)/;

/** Of the kernel that runs; where its release was not taken as it is, neither is its config. */
function captureKernelConfig(host: Host, files: CapturedFiles): void {
  const release = host.read(RELEASE_PATH);
  if (release === null || files.get(RELEASE_PATH) !== release) return;
  const path = `/boot/config-${release.trim()}`;
  const text = host.read(path);
  if (text !== null) files.set(path, keepLines(KEPT_OPTIONS)(text));
}

/** Written anew from its meaning, as JSON, which is YAML too: comments are for those who wrote them. */
function capturePolicy(host: Host, { files, names }: Into): readonly Unknown[] {
  const text = host.read(POLICY_PATH);
  if (text === null) return [];
  return unlessMalformed(POLICY_PATH, () => {
    const { housekeeping, isolation, onArrival, interrupts, layers, tags, guests, ignore } = parsePolicy(
      text,
      POLICY_PATH,
    );
    const { coresPerNode, cpus } = housekeeping;
    const kept = { ...(coresPerNode !== null && { coresPerNode }), ...(cpus !== null && { cpus }) };
    const policy = {
      host: { housekeeping: kept, isolation, interrupts, layers },
      onArrival,
      tags: Object.fromEntries([...tags].map(([tag, wishes]) => [names.of('tag', tag), wishes])),
      guests: Object.fromEntries(guests),
      ...(ignore.length > 0 && { doctor: { ignore: ignore.map(redactIgnored) } }),
    };
    files.set(POLICY_PATH, encodeJson(policyJson, policy));
  });
}

const redactIgnored = ({ code, guests }: IgnoreEntry) => ({
  code,
  ...(guests && { guests: [...guests] }),
  reason: REDACTED,
});

function capturePlacement(host: Host, node: string, { files, names }: Into): readonly Unknown[] {
  const paths = [
    [placementPath(node), placementPath(NODE)],
    [PLACEMENT_COPY_PATH, PLACEMENT_COPY_PATH],
  ] as const;
  return paths.flatMap(([from, to]) => {
    const text = host.read(from);
    if (text === null) return [];
    return unlessMalformed(from, () => {
      const placement = parseJson(placementFileJson, text, from);
      const guests = placement.guests.map(guest => ({
        ...guest,
        identity: redactIdentity(guest.identity, names),
        found: new Map(
          [...guest.found].map(([key, value]) => [key, value === null ? null : redactFound(key, value, names)]),
        ),
      }));
      files.set(to, encodeJson(placementFileJson, { ...placement, node: NODE, guests }));
    });
  });
}

const redactIdentity = ({ uuid, vmgenid, createdAt }: GuestIdentity, names: Pseudonyms): GuestIdentity => ({
  uuid: uuid === null ? null : names.of('uuid', uuid),
  vmgenid: vmgenid === null ? null : names.of('uuid', vmgenid),
  createdAt,
});

/** A container's key is no key of a VM, yet its value is a CPU list all the same. */
const redactFound = (key: string, value: string, names: Pseudonyms): string =>
  redactConfigValue(key.startsWith('lxc.') ? 'affinity' : key, value, names);

/** A file that Berth itself would refuse cannot be taken apart, so nothing of it is taken. */
function unlessMalformed(path: string, take: () => void): readonly Unknown[] {
  try {
    take();
    return [];
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return [{ path, reason: 'not well-formed, so nothing of it can be kept' }];
  }
}
