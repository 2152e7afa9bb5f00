// What the agent does about VMs that come to this node and leave it: planned, journalled and said.

import { makeArrivals } from '#agent/arrivals.ts';
import { type ArrivalOptions, applyArrival, applyDeparture } from '#apply/apply-arrival.ts';
import type { VmId } from '#domain/ids.ts';
import { parsePolicy } from '#policy/parse-policy.ts';
import { renderArrived, renderDeparted, renderNoRoom } from '#report/agent-text.ts';
import type { CommandContext } from './command-context.ts';
import { POLICY_PATH, planInput, readState } from './read-state.ts';

export function makeNodeArrivals(
  { host, print, tell }: CommandContext,
  node: string,
): () => Promise<ReadonlyMap<VmId | null, string>> {
  const options: ArrivalOptions = {
    host,
    now: () => new Date(),
    readInput: async () => planInput(await readState(host), host),
  };
  let known: { readonly text: string | null; readonly isWanted: boolean } = { text: null, isWanted: false };
  /** The policy is parsed again only when it has changed. */
  const isWanted = () => {
    const text = host.read(POLICY_PATH);
    if (text !== known.text) {
      known = { text, isWanted: text !== null && parsePolicy(text, POLICY_PATH).onArrival === 'place' };
    }
    return known.isWanted;
  };
  return makeArrivals(host, node, {
    isWanted,
    arrive: async (vmid, process) => {
      const result = await applyArrival(vmid, process, options);
      if (result.kind === 'placed') print(`${renderArrived(result.guest)}\n`);
      if (result.kind === 'no-room') tell(`${renderNoRoom(vmid, result.why)}\n`);
    },
    depart: async vmid => {
      if ((await applyDeparture(vmid, options)) !== null) print(`${renderDeparted(vmid)}\n`);
    },
  });
}
