// What rules look at: the inventory, each guest with its config taken apart, and the texts of the host and the cluster.
import type { ContainerGuest, VmGuest } from '#domain/guest.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { NodeFacts } from '#domain/node-facts.ts';
import type { Policy, Wishes } from '#domain/policy.ts';
import type { Task } from '#domain/task.ts';
import type { SourceText, Unknown } from '#domain/text-tree.ts';
import type { VerifyReport } from '#domain/verify-report.ts';
import { makeStartHost, nextValues } from '#proxmox/predict-next-start.ts';
import type { StartHost } from '#proxmox/start-host.ts';
import type { ConfigValues } from '#proxmox/start-values.ts';
import { VM_CONFIG_SCHEMA } from '#proxmox/vm-config-schema.ts';
import { parseVmConfig, type VmConfigView } from '#proxmox/vm-config-view.ts';
import type { DoctorTexts } from './doctor-files.ts';

/** A VM of this node. */
export interface ExaminedVm {
  readonly guest: VmGuest;
  readonly source: SourceText;
  /** Every section, with line numbers and Proxmox's own warnings. */
  readonly config: VmConfigView;
  /** With which its next start will be made: the main section changed by what is pending. */
  readonly next: ConfigValues;
}

export interface ExaminedContainer {
  readonly guest: ContainerGuest;
  readonly source: SourceText;
}

/** A guest of another node, as its config in the cluster file system has it. */
export interface ForeignGuest {
  readonly node: string;
  readonly guest: Omit<VmGuest, 'runtime'> | Omit<ContainerGuest, 'runtime'>;
}

/** The machine as it was when the placement in force was applied. */
export interface RecordedTopology {
  readonly source: SourceText;
  readonly topology: HostTopology;
}

/** What the shell reads. */
export interface DoctorSources {
  readonly inventory: Inventory;
  readonly policy: Policy;
  /** Of every guest of this node. */
  readonly wishes: ReadonlyMap<VmId, Wishes>;
  /** Every process and kernel thread but those of VMs. */
  readonly tasks: readonly Task[];
  readonly texts: DoctorTexts;
  /** `/proc/PID/task/TID/stat` of every thread of the VMs that run. */
  readonly vmThreadStats: ReadonlyMap<VmId, readonly SourceText[]>;
  /** `/boot/config-RELEASE` of the running kernel. */
  readonly kernelConfig: SourceText | null;
  readonly recordedTopology: RecordedTopology | null;
  readonly elsewhere: readonly ForeignGuest[];
  /** What other nodes have told of themselves. */
  readonly published: readonly NodeFacts[];
  /** The text of `policy`. */
  readonly policySource: SourceText | null;
  /** The placement in force against the host; null when there is none. */
  readonly verified: VerifyReport | null;
  /** Files that are there and could not be read; for rules they are absent. */
  readonly unknown: readonly Unknown[];
}

export interface DoctorView extends DoctorSources {
  /** Ascending by VMID, without templates. */
  readonly vms: readonly ExaminedVm[];
  readonly containers: readonly ExaminedContainer[];
  /** This node, for playing the start of a VM. */
  readonly startHost: StartHost;
}

export function makeDoctorView(sources: DoctorSources): DoctorView {
  const guests = sources.inventory.guests.filter(({ template }) => !template);
  return {
    ...sources,
    vms: guests.filter(guest => guest.kind === 'vm').map(examineVm),
    containers: guests
      .filter(guest => guest.kind === 'container')
      .map(guest => ({ guest, source: { file: guest.configPath, text: guest.text } })),
    startHost: makeStartHost(sources.inventory),
  };
}

function examineVm(guest: VmGuest): ExaminedVm {
  const { text, configPath: file } = guest;
  return { guest, source: { file, text }, config: parseVmConfig(text, VM_CONFIG_SCHEMA), next: nextValues(text) };
}
