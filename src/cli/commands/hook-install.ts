// `berth hook install` and `berth hook remove`: which guests call Berth when they start.
import { applyHooks, type HookWish, listHookChanges } from '#apply/apply-hooks.ts';
import { publishTopology } from '#apply/publish-topology.ts';
import type { VmId } from '#domain/ids.ts';
import { HostError } from '#host/host-error.ts';
import { placeSnippet, refuseWithoutSnippet, snippetVolume } from '#host/place-snippet.ts';
import { findQm } from '#host/proxmox-command.ts';
import { readNodeName } from '#host/read-node-name.ts';
import { renderChanges } from '#report/changes-text.ts';
import { describeStep, renderEntry } from '#report/journal-text.ts';
import { hookSnippet } from '../built-in.ts';
import { type CommandContext, confirm, type ExitCode } from '../command-context.ts';
import { readState } from '../read-state.ts';
import { stopOnSignal } from '../stop-on-signal.ts';

export interface HookInstallOptions {
  readonly vmids: readonly VmId[];
  readonly all: boolean;
  /** Undefined: `local` for the script to be put into, any storage to take it from guests. */
  readonly storage: string | undefined;
  readonly yes: boolean;
}

/** Without guests only the script itself, for nodes to which guests may come. 0 all is so now; 1 a step failed. */
export async function installHook(context: CommandContext, options: HookInstallOptions): Promise<ExitCode> {
  const { host, print } = context;
  const { vmids, all, storage = 'local' } = options;
  const node = readNodeName(host);
  /** Of no effect until a guest names it. */
  const placeScript = async () => {
    const isNew = placeSnippet(host, { storage, node, text: hookSnippet() });
    print(`${snippetVolume(storage)} ${isNew ? 'is in place' : 'was in place already'} on ${node}.\n`);
    const { inventory } = await readState(host, { pciDevices: true });
    await publishTopology(inventory, { host, now: context.now });
  };
  if (vmids.length > 0 || all) {
    refuseWithoutSnippet(host, { storage, node });
    return changeHooks(context, { ...options, action: 'install', volume: snippetVolume(storage), placeScript });
  }
  await placeScript();
  return 0;
}

/** The script stays where it is: guests of other nodes may name it. 0 all is so now; 1 a step failed. */
export function removeHook(context: CommandContext, options: HookInstallOptions): Promise<ExitCode> {
  const { storage } = options;
  const volume = storage === undefined ? null : snippetVolume(storage);
  return changeHooks(context, { ...options, action: 'remove', volume, placeScript: async () => {} });
}

interface HookChangeOptions extends HookInstallOptions {
  readonly action: HookWish['action'];
  readonly volume: HookWish['volume'];
  /** Done once the changes were agreed to, before the first guest names it. */
  readonly placeScript: () => Promise<void>;
}

async function changeHooks(context: CommandContext, options: HookChangeOptions): Promise<ExitCode> {
  const { host, paint } = context;
  const { action, volume, vmids, all, yes, placeScript } = options;
  const say = (lines: readonly string[]) => context.print(`${lines.join('\n')}\n`);
  const readInventory = async () => (await readState(host)).inventory;
  const steps = { host, qm: findQm(host) };
  const wish: HookWish = { action, volume, vmids: all ? null : vmids };
  const changes = listHookChanges(wish, await readInventory(), steps).map(({ config }) => config);
  say(renderChanges(changes, paint));
  if (changes.length > 0 && !yes && !(await confirm('Make these changes?'))) {
    throw new HostError('refused', 'Nothing was changed. Without a terminal, --yes says that the list was looked at');
  }
  await placeScript();
  if (changes.length === 0) return 0;
  const stop = stopOnSignal(context);
  const entry = await applyHooks(wish, {
    context: steps,
    readInventory,
    now: context.now,
    shouldStop: stop.wanted,
    onStep: ({ record }, number) => say([paint.dim(`  ${number}. ${describeStep(record)}`)]),
  }).finally(stop.release);
  say([renderEntry(entry, paint)]);
  return entry.state === 'done' ? 0 : 1;
}
