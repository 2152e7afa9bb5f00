// JSON of findings: code, severity and the facts of that code.
import * as z from 'zod/mini';
import type { Finding, FindingCode } from '#domain/finding.ts';
import { layerNameJson } from './host-layer.ts';
import { cpuIdJson, cpuSetJson, nodeIdJson, nodeSetJson, vmIdJson, wholeNumber } from './values.ts';

const vmid = { vmid: vmIdJson };
const cpus = { vmid: vmIdJson, cpus: cpuSetJson };
const vcpuThread = { ...vmid, vcpu: wholeNumber, tid: wholeNumber };
const text = z.string();
const orNull = z.nullable(text);

/** The facts of every code; a missing or extra code does not compile. */
const FACTS = {
  'plan-guest-unknown': vmid,
  'plan-identity-changed': vmid,
  'plan-vcpus-mismatch': { ...vmid, planned: wholeNumber, configured: wholeNumber },
  'plan-vcpu-not-single': { ...cpus, vcpu: wholeNumber },
  'plan-cpu-offline': cpus,
  'plan-cpu-twice': { cpu: cpuIdJson, vmids: z.array(vmIdJson) },
  'plan-core-shared': { ...cpus, others: z.array(vmIdJson) },
  'plan-housekeeping-dedicated': cpus,
  'plan-housekeeping-missing': { cpu: cpuIdJson },
  'plan-housekeeping-too-few': { node: nodeIdJson, kept: wholeNumber, wanted: wholeNumber },
  'plan-smt-broken': { ...vmid, smt: text, vcpu: wholeNumber },
  'plan-kinds-mixed': vmid,
  'plan-nodes-mismatch': { ...vmid, nodes: nodeSetJson, used: nodeSetJson },
  'plan-emulator-on-dedicated': cpus,
  'plan-not-kept-off': cpus,
  'plan-too-few-cpus': { ...vmid, wanted: wholeNumber, usable: wholeNumber },
  'plan-affinity-mismatch': { ...vmid, affinity: cpuSetJson, needed: cpuSetJson },
  'plan-memory-sum': { ...vmid, plannedMiB: wholeNumber, configuredMiB: wholeNumber },
  'plan-memory-vcpus': vmid,
  'plan-memory-node': { ...vmid, node: nodeIdJson },
  'plan-hugepages-node': { ...vmid, node: nodeIdJson },
  'plan-node-memory-full': { node: nodeIdJson, neededMiB: wholeNumber, thereMiB: wholeNumber },
  'plan-breaks-start': { ...vmid, problem: text, keys: z.array(text) },
  'plan-change-wrong': { ...vmid, what: text },
  'plan-unit-wrong': { unit: text, what: text },
  'plan-interrupts-wrong': { what: text },
  'plan-layer-wrong': { layer: layerNameJson, what: text },
  'plan-aims-mismatch': { aim: text, claimed: z.nullable(wholeNumber), measured: wholeNumber },
  'plan-policy-ignored': { ...vmid, class: text, wanted: text },
  'vcpu-mask': { ...vcpuThread, allowed: cpuSetJson, wanted: cpuSetJson, takenBy: orNull },
  'thread-mask': { ...vmid, thread: text, tid: wholeNumber, allowed: cpuSetJson, wanted: cpuSetJson, takenBy: orNull },
  'vcpu-elsewhere': { ...vmid, vcpus: z.array(wholeNumber) },
  'vcpu-missing': { ...vmid, vcpu: wholeNumber },
  'guest-intrudes': { ...cpus, thread: text, owner: vmIdJson },
  'container-cpuset': { ...vmid, cpuset: cpuSetJson, wanted: cpuSetJson, isTaken: z.boolean() },
  'memory-elsewhere': { ...vmid, elsewhereMiB: wholeNumber, residentMiB: wholeNumber, nodes: nodeSetJson },
  'memory-unread': vmid,
  'config-drift': { ...vmid, key: text, found: orNull, wanted: orNull },
  'restart-pending': { ...vmid, keys: z.array(text) },
  'guest-gone': vmid,
  'guest-identity': vmid,
  'guest-unread': { ...vmid, reason: text },
  'cpu-went-offline': cpus,
  'others-may-run': { cpus: cpuSetJson, tasks: wholeNumber, examples: z.array(text) },
  'start-fails': { ...vmid, problem: text, keys: z.array(text) },
  'start-memory-short': { ...vmid, node: nodeIdJson, neededMiB: wholeNumber, thereMiB: wholeNumber },
  'advice-housekeeping': {
    kind: z.enum(['small', 'hybrid', 'large-cache', 'split', 'wide', 'plain']),
    cpus: cpuSetJson,
    more: wholeNumber,
    before: z.nullable(cpuSetJson),
  },
  'advice-reservation': {
    ...{ usual: wholeNumber, storage: wholeNumber, network: z.nullable(wholeNumber) },
    ...{ eachNode: cpuSetJson, together: cpuSetJson },
  },
  'advice-small-host': { cores: wholeNumber, vmids: z.array(vmIdJson) },
  'advice-overcommitted': { vmids: z.array(vmIdJson), vcpus: wholeNumber, left: cpuSetJson },
  'advice-cpulimit': { vmids: z.array(vmIdJson) },
  'advice-balanced': { vmids: z.array(vmIdJson) },
  'interrupts-on-dedicated': { cpus: cpuSetJson, names: z.array(text), fixed: z.boolean() },
  'guest-interrupts': { ...cpus, names: z.array(text), wanted: cpuSetJson },
  'layer-deviates': { layer: layerNameJson, settings: z.array(text), found: text, wanted: text },
  'kernel-threads-stay': { cpus: cpuSetJson, names: z.array(text) },
  'advice-layer-absent': { layer: layerNameJson },
  'advice-zfs-threads': { pools: wholeNumber },
  'partition-missing': { ...cpus, found: z.nullable(cpuSetJson) },
  'boot-not-isolated': cpus,
  'unit-intrudes': { unit: text, cpus: cpuSetJson },
  'advice-no-confine': { reason: z.enum(['no-cgroup2', 'old-kernel']) },
  'advice-unit-conflict': { unit: text, key: z.enum(['AllowedCPUs', 'CPUAffinity']), cpus: cpuSetJson, path: text },
  'advice-no-partition': { reason: z.enum(['no-cgroup2', 'no-remote-partitions', 'old-kernel']) },
  'advice-memory-hotplug': vmid,
  'advice-hugepages': {
    ...vmid,
    wanted: text,
    obstacle: z.enum(['container', 'memory-hotplug', 'not-multiple', 'unsupported', 'runtime']),
  },
  'advice-ksm': { ...vmid, obstacle: z.enum(['container', 'shared', 'older', 'not-told']) },
  'advice-hugepage-pool': {
    ...{ node: nodeIdJson, sizeKiB: wholeNumber, needed: wholeNumber, total: wholeNumber },
    vmids: z.array(vmIdJson),
  },
  'advice-bind': vmid,
  'advice-own-keys-travel': { ...vmid, keys: z.array(text) },
  'advice-not-bound': vmid,
  'advice-start-elsewhere': { vmids: z.array(vmIdJson), node: text },
  'advice-containers-balance': { vmids: z.array(vmIdJson) },
} satisfies Record<FindingCode, Record<string, z.ZodMiniType>>;

const severity = z.enum(['error', 'warning', 'note']);

/** One object per finding; the union is closed, so a reader can rely on each code's facts. */
export const findingJson = z.discriminatedUnion(
  'code',
  Object.entries(FACTS).map(([code, facts]) =>
    z.strictObject({ code: z.literal(code), severity, ...facts }),
  ) as unknown as [z.ZodMiniObject],
) as unknown as z.ZodMiniType<Finding, Record<string, unknown>>;
