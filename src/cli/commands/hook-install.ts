// `berth hook install` and `berth hook remove`: which guests call Berth when they start.
import { readFileSync } from 'node:fs';
import { applyHooks } from '#apply/apply-hooks.ts';
import { publishTopology } from '#apply/publish-topology.ts';
import type { VmId } from '#domain/ids.ts';
import { placeSnippet, refuseWithoutSnippet, snippetVolume } from '#host/place-snippet.ts';
import { findQm } from '#host/proxmox-command.ts';
import { readNodeName } from '#host/read-node-name.ts';
import { describeStep, renderEntry } from '#report/journal-text.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { readState } from '../read-state.ts';
import { stopOnSignal } from '../stop-on-signal.ts';

export interface HookInstallOptions {
  readonly vmids: readonly VmId[];
  readonly all: boolean;
  readonly storage: string;
}

/** Without guests only the script itself, for nodes to which guests may come. 0 all is so now; 1 a step failed. */
export async function installHook(
  context: CommandContext,
  { vmids, all, storage }: HookInstallOptions,
): Promise<ExitCode> {
  const { host, print } = context;
  const node = readNodeName(host);
  if (vmids.length > 0 || all) refuseWithoutSnippet(host, { storage, node });
  const isNew = placeSnippet(host, { storage, node, text: readSnippet() });
  print(`${snippetVolume(storage)} ${isNew ? 'is in place' : 'was in place already'} on ${node}.\n`);
  const { inventory } = await readState(host, { pciDevices: true });
  await publishTopology(inventory, { host, now: context.now });
  return vmids.length > 0 || all ? changeHooks(context, 'install', { vmids, all, storage }) : 0;
}

/** The script stays where it is: guests of other nodes may name it. 0 all is so now; 1 a step failed. */
export function removeHook(context: CommandContext, options: HookInstallOptions): Promise<ExitCode> {
  return changeHooks(context, 'remove', options);
}

async function changeHooks(
  context: CommandContext,
  action: 'install' | 'remove',
  { vmids, all, storage }: HookInstallOptions,
): Promise<ExitCode> {
  const { host, paint, print } = context;
  const stop = stopOnSignal(context);
  const entry = await applyHooks({
    context: { host, qm: findQm(host) },
    ...{ action, volume: snippetVolume(storage), vmids: all ? null : vmids },
    readInventory: async () => (await readState(host)).inventory,
    now: context.now,
    shouldStop: stop.wanted,
    onStep: ({ record }, number) => print(`${paint.dim(`  ${number}. ${describeStep(record)}`)}\n`),
  }).finally(stop.release);
  print(entry === null ? 'Nothing needs to change.\n' : `${renderEntry(entry, paint)}\n`);
  return entry === null || entry.state === 'done' ? 0 : 1;
}

/** Beside the program, where the build puts it. */
const readSnippet = (): string => readFileSync(new URL('berth-hook.sh', import.meta.url), 'latin1');
