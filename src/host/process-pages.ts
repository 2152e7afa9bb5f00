// Asks where pages of a process of the live host are, and moves them.
import { constants } from 'node:os';
import type { NumaNodeId } from '#domain/ids.ts';
import { systemCallError } from './errno.ts';
import { HostError } from './host-error.ts';
import { movePages } from './system-calls.ts';

export function pageNodes(pid: number, addresses: readonly number[]): readonly number[] {
  const answer = movePages(pid, addresses, null);
  if (typeof answer === 'number') throw systemCallError(`Cannot ask where memory of process ${pid} is`, answer);
  return answer.map(status => status ?? -constants.errno.ENOENT);
}

export function moveProcessPages(
  pid: number,
  addresses: readonly number[],
  node: NumaNodeId,
): ReadonlyArray<number | null> {
  const answer = movePages(pid, addresses, node);
  if (typeof answer !== 'number') return answer;
  const doing = `Cannot move memory of process ${pid} to node ${node}`;
  if (answer === constants.errno.ENOMEM) throw new HostError('full', `${doing}: the node has no free page`);
  throw systemCallError(doing, answer);
}
