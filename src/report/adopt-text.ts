// Guests that somebody has pinned by hand: as what they are taken over, and why others are not.
import type { AdoptedGuest, Adoption, LeftGuest, NotAdopted } from '#domain/adoption.ts';
import { assertNever } from '#domain/errors.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { VmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Paint } from './paint.ts';
import { nameOf } from './plan-text.ts';
import { printable } from './printable.ts';

export function renderAdoption({ node, adopted, left }: Adoption, inventory: Inventory, paint: Paint): string {
  const lines = [
    `${paint.bold(`Adopt on ${node}`)}${inventory.simulated ? paint.warn('  [simulated]') : ''}`,
    ...(adopted.length === 0 ? ['No guest is pinned in a way that can be taken over.'] : []),
    ...adopted.flatMap(guest => ['', ...renderAdopted(guest, inventory, paint)]),
    ...(left.length === 0
      ? []
      : ['', paint.bold('Left as they are'), ...left.map(one => renderLeft(one, inventory, paint))]),
    '',
  ];
  return lines.join('\n');
}

function renderAdopted(
  { placed, wishes, beside, memoryElsewhere }: AdoptedGuest,
  inventory: Inventory,
  paint: Paint,
): string[] {
  const { vmid, kind, vcpus, emulator, affinity } = placed;
  const isCommon = vcpus.every(cpus => vcpus[0]?.equals(cpus));
  const where =
    placed.class === 'dedicated' || !isCommon
      ? `vCPU→CPU ${vcpus.map((cpus, vcpu) => `${vcpu}→${encodeIdList(cpus)}`).join(' ')}`
      : `CPUs ${encodeIdList(vcpus[0] ?? affinity)}`;
  return [
    `${paint.good('+')} ${paint.bold(`${vmid}`)} ${nameOf(vmid, inventory)}  ${kind === 'vm' ? 'VM' : 'container'}, ${placed.class}`,
    `    ${where} on node ${encodeIdList(placed.nodes)}`,
    ...(kind === 'vm' ? [`    other threads on CPUs ${encodeIdList(emulator)}`] : []),
    wishes === null
      ? '    policy: has an entry for it, which stays as it is'
      : `    policy: ${vmid}: { ${wishes.map(([key, value]) => `${key}: ${value}`).join(', ')} }`,
    ...(beside.length === 0
      ? []
      : [
          paint.warn(
            `    not alone there: ${names(beside, inventory)} may run on its cores too; \`berth plan\` keeps them off`,
          ),
        ]),
    ...(memoryElsewhere.isEmpty
      ? []
      : [
          paint.warn(
            `    part of its memory is on node ${encodeIdList(memoryElsewhere)}, where it has no CPU; \`berth plan\` moves it at the next start`,
          ),
        ]),
  ];
}

const names = (vmids: readonly VmId[], inventory: Inventory): string =>
  vmids.map(vmid => `${vmid} ${nameOf(vmid, inventory)}`.trimEnd()).join(', ');

function renderLeft({ vmid, why }: LeftGuest, inventory: Inventory, paint: Paint): string {
  return `${paint.warn('!')} ${`${vmid} ${nameOf(vmid, inventory)}`.trimEnd()}: ${describeNotAdopted(why)} ${paint.dim(`[${why.kind}]`)}`;
}

/** A sentence. */
export function describeNotAdopted(why: NotAdopted): string {
  switch (why.kind) {
    case 'not-pinned':
      return 'it may run on every CPU, so there is nothing to take over.';
    case 'placed':
      return 'Berth has placed it already; `berth verify` and `berth plan` say the rest.';
    case 'template':
      return 'it is a template and never runs.';
    case 'unreadable':
      return `it runs, but its threads are not known: ${printable(why.reason)}.`;
    case 'overlap':
      return `its CPUs ${encodeIdList(why.cpus)} are also those of ${why.others.join(', ')}, each pinned there. Decide who has them, or \`berth policy set\` both and let \`berth plan\` part them.`;
    case 'wider-than-node':
      return `its mask, CPUs ${encodeIdList(why.cpus)}, covers nodes ${encodeIdList(why.nodes)}: any vCPU may run on any of them, which is neither dedicated nor confined.`;
    case 'vcpus-differ':
      return `its vCPUs have different masks, ${list(why.masks)}, of which some are more than one CPU or the same one.`;
    case 'emulator-differs':
      return `its threads besides vCPUs have different masks, ${list(why.masks)}; a placement has one for all of them.`;
    case 'vcpus-unplugged':
      return `${why.plugged} of its ${why.vcpus} vCPUs are plugged in; where the others belong cannot be seen.`;
    case 'restart-pending':
      return `changes of ${why.keys.join(', ')} wait for its next start. Restart it, or take them back with qm set --revert.`;
    case 'stopped-with-hookscript':
      return `it is stopped, and its hookscript ${printable(why.hookscript)} may pin its threads when it starts. Start it, then adopt it.`;
    case 'cpus-absent':
      return `it is pinned to CPUs ${encodeIdList(why.cpus)}, which are not online.`;
    case 'cpuset-differs':
      return `its config says CPUs ${encodeIdList(why.configured)}, the kernel ${encodeIdList(why.effective)}.`;
    default:
      return assertNever(why);
  }
}

const list = (masks: readonly CpuSet[]): string =>
  `${masks
    .slice(0, 4)
    .map(mask => encodeIdList(mask))
    .join(' | ')}${masks.length > 4 ? ' | …' : ''}`;
