// What a capture takes of the files that doctor looks at: each by a rule of its own, so that a new one must get its rule here.
import { encodeNodeFacts, parseNodeFacts } from '#contract/topology.ts';
import type { DOCTOR_FILES } from '#doctor/doctor-files.ts';
import { ParseError } from '#domain/errors.ts';
import type { TextTree, Unknown } from '#domain/text-tree.ts';
import { parseRegisteredTags } from '#proxmox/parse-datacenter.ts';
import type { Pseudonyms } from '#proxmox/pseudonyms.ts';
import { redactConfigValue } from '#proxmox/redact-config-value.ts';
import {
  HA_RESOURCE_SECTIONS,
  HA_RULE_SECTIONS,
  PCI_MAPPING_SECTIONS,
  REPLICATION_SECTIONS,
  redactSections,
  type SectionRedaction,
  STORAGE_SECTIONS,
  storageName,
} from '#proxmox/redact-sections.ts';
import type { CapturedFiles } from './capture-kernel-files.ts';
import { readDoctorTexts } from './read-doctor-texts.ts';
import { keepLines, mapLines, redactCommandLine, redactGrub } from './redact-boot-text.ts';

type Redact = (text: string, names: Pseudonyms) => string;

/** Numbers, lists and words of the kernel's own. */
const same: Redact = text => text;
/** That the file is there is all that counts. */
const presence: Redact = () => '';
const sections =
  (redaction: SectionRedaction): Redact =>
  (text, names) =>
    redactSections(text, names, redaction);

/** A line of `/proc/interrupts` ends with the name of a device, which for a network interface may be anybody's idea. */
const KNOWN_INTERRUPT =
  /( (nvme\d+q\d+|ahci|xhci_hcd|timer|rtc0|acpi|i8042|aerdrv|PCIe PME|dmar\d+|vfio-[\w[\]]+(\([\da-f:.]+\))?))$/;
const redactInterrupts: Redact = text =>
  mapLines(text, line =>
    /^\s*\d+:/.test(line) && !KNOWN_INTERRUPT.test(line) ? line.replace(/\S+$/, 'device') : line,
  );

const REDACTIONS = {
  commandLine: redactCommandLine,
  /** What follows the numbers may be the name of whoever built it. */
  release: text => /^\d[\d.-]*(-?(pve|generic|amd64|rt)\b)*/.exec(text)?.[0].concat('\n') ?? '',
  kernelCommandLine: redactCommandLine,
  bootUuids: text => mapLines(text, line => (line.trim() === '' || line.startsWith('#') ? '' : '0000-0000')),
  grub: redactGrub,
  grubSnippets: redactGrub,

  online: same,
  offline: same,
  isolated: same,
  nohzFull: same,
  smtControl: same,
  haltPoll: same,
  watchdogCpus: same,
  watchdogHard: same,
  watchdogSoft: same,
  workqueueCpus: same,
  frequencyDriver: same,
  governors: same,

  uptime: same,
  interrupts: redactInterrupts,
  interruptCpus: same,
  irqbalance: keepLines(/^\s*IRQBALANCE_\w+=["']?(--?[a-z]+[= ]?|[\d\sa-f,-])*["']?\s*$|^\s*ENABLED=\d/),
  irqbalanceBan: keepLines(/^IRQBALANCE_BANNED_CPU(LIST|S)=[\d,-]*$/),

  ksmRun: same,
  ksmMergeAcrossNodes: same,
  ksmPagesSharing: same,
  ksmtuned: keepLines(/^\s*\w+=\d+\s*$/),
  ksmtunedEnabled: presence,
  numaBalancing: same,
  hugePagesEnabled: same,
  hugePagesDefrag: same,

  systemConf: keepLines(/^\s*(\[Manager\]|(CPUAffinity|NUMAMask)=[\d\s,-]*|NUMAPolicy=[a-z]*)\s*$/),
  systemConfSnippets: keepLines(/^\s*(\[Manager\]|(CPUAffinity|NUMAMask)=[\d\s,-]*|NUMAPolicy=[a-z]*)\s*$/),
  cgroupV1Cpus: same,
  rootEffective: same,
  sliceCpus: same,
  sliceEffective: same,
  slicePartition: same,
  sliceExclusive: same,
  sliceEvents: same,
  scopeCpus: same,
  scopeEffective: same,
  scopePartition: same,
  scopeExclusive: same,
  scopeEvents: same,
  innerEffective: same,
  innerPartition: same,
  innerEvents: same,
  agentEnabled: presence,
  vmProcesses: same,

  datacenter: redactDatacenter,
  corosync: redactCorosync,
  haResources: sections(HA_RESOURCE_SECTIONS),
  haRules: sections(HA_RULE_SECTIONS),
  haGroups: sections(HA_RULE_SECTIONS),
  haManager: keepLines(/^\s*WATCHDOG_MODULE=\w+\s*$/),
  storage: sections(STORAGE_SECTIONS),
  replication: sections(REPLICATION_SECTIONS),
  pciMappings: sections(PCI_MAPPING_SECTIONS),
  ceph: keepLines(/^\s*\[(global|client|mon|mds|osd)(\.\d+)?\]\s*$/),
  zfsStatistics: same,
  zfsPools: same,
  localSnippets: presence,
  sharedSnippets: presence,
  hookChains: redactHookChain,
  publishedTopologies: redactNodeFacts,
} as const satisfies Readonly<Record<keyof typeof DOCTOR_FILES, Redact>>;

/** What could not be taken, because it is not what Berth itself would have written, is returned with the reason. */
export function captureDoctorFiles(tree: TextTree, files: CapturedFiles, names: Pseudonyms): readonly Unknown[] {
  const leftOut: Unknown[] = [];
  const texts = readDoctorTexts(tree, leftOut);
  for (const name of Object.keys(REDACTIONS) as (keyof typeof REDACTIONS)[]) {
    for (const source of [texts[name]].flat()) {
      if (source === null) continue;
      try {
        files.set(redactPath(source.file, names), REDACTIONS[name](source.text, names));
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
        leftOut.push({ path: source.file, reason: 'not well-formed, so nothing of it can be kept' });
      }
    }
  }
  return leftOut;
}

/** Directories and files that somebody has named. A name that ends in a known way keeps its end. */
const NAMED_PATHS: ReadonlyArray<readonly [before: RegExp, kind: 'node' | 'storage' | 'pool' | 'file']> = [
  [/^\/etc\/pve\/berth\/nodes\/$/, 'node'],
  [/^\/mnt\/pve\/$/, 'storage'],
  [/\/snippets\/$/, 'file'],
  [/^\/etc\/(default\/grub\.d|systemd\/system\.conf\.d)\/$/, 'file'],
  [/^\/proc\/spl\/kstat\/zfs\/$/, 'pool'],
];

/** Files of an installation, and cgroups of systemd, Proxmox and Berth. */
const COMMON_NAME =
  /^(installer\.cfg|zfs\.cfg|proxmox-kernel-pin\.cfg|zz-berth\.cfg|rpool|arcstats|lxc(\.monitor|\.pivot)?|ns|cpuset|\d+|(\d+|init)\.scope|berth\.service|(user|system|machine|qemu|berth)\.slice|(cpuset|cgroup)\..*)$/;

function redactPath(path: string, names: Pseudonyms): string {
  const isCgroup = path.startsWith('/sys/fs/cgroup/');
  return path
    .split('/')
    .map((step, index, steps) => {
      const before = `${steps.slice(0, index).join('/')}/`;
      const kind = isCgroup && index > 3 ? 'group' : NAMED_PATHS.find(([form]) => form.test(before))?.[1];
      if (kind === undefined || (kind !== 'node' && COMMON_NAME.test(step))) return step;
      if (kind === 'node') return names.of('node', step);
      return kind === 'storage' ? storageName(step, names) : redactStep(step, kind, names);
    })
    .join('/');
}

function redactStep(step: string, kind: 'group' | 'pool' | 'file', names: Pseudonyms): string {
  // Snippets are called by their whole name, as in a hookscript.
  const end = /\.(cfg|conf|slice|scope|service)$/.exec(step)?.[0] ?? '';
  return `${names.of(kind, step)}${end}`;
}

/** Which nodes there are. */
function redactCorosync(text: string, names: Pseudonyms): string {
  return mapLines(text, line => {
    const node = /^\s*name:\s*(\S+)\s*$/.exec(line)?.[1];
    return node === undefined ? '' : `name: ${names.of('node', node)}`;
  });
}

const USER_TAGS = /^user-tag-access:.*?\buser-allow=(free|existing|list|none)\b/;

/** Lines that matter here: which tags are registered, who may set which, and whether the cluster moves guests. */
function redactDatacenter(text: string, names: Pseudonyms): string {
  return mapLines(text, line => {
    if (line.startsWith('registered-tags:')) {
      return `registered-tags: ${[...parseRegisteredTags(line)].map(tag => names.of('tag', tag)).join(';')}`;
    }
    const allowed = USER_TAGS.exec(line)?.[1];
    if (allowed !== undefined) return `user-tag-access: user-allow=${allowed}`;
    return /^crs:[\w ,=-]*$/.test(line) ? line : '';
  });
}

/** The volume says where the script is; the path beside it says it again. */
function redactHookChain(text: string, names: Pseudonyms): string {
  const volume = /^volume: (.+)$/m.exec(text)?.[1];
  return volume === undefined ? '' : `volume: ${redactConfigValue('hookscript', volume, names)}\n`;
}

/** @throws ParseError when it is not ours. */
function redactNodeFacts(text: string, names: Pseudonyms): string {
  const facts = parseNodeFacts(text, 'topology.json');
  const snippets = facts.snippets && new Set([...facts.snippets].map(id => redactConfigValue('hookscript', id, names)));
  return encodeNodeFacts({ ...facts, node: names.of('node', facts.node), snippets });
}
