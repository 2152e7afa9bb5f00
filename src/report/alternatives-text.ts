// The alternatives to a plan, one line each.
import type { Alternative, PresentLayout } from '#domain/alternative.ts';
import { amount, describeOutcome } from './outcome-text.ts';
import type { Paint } from './paint.ts';

/** Guests that are told of one by one; more are counted. */
const MOST_NAMED = 3;

/** Begins with an empty line; nothing at all when there is nothing that one could do instead. */
export function renderAlternatives(alternatives: readonly Alternative[], paint: Paint): string[] {
  if (alternatives.length === 0) return [];
  const rows = alternatives.map(alternative => [labelOf(alternative), describeAlternative(alternative)] as const);
  const width = Math.max(...rows.map(([label]) => label.length));
  return ['', paint.bold('Instead'), ...rows.map(([label, text]) => `  ${label.padEnd(width)}  ${paint.dim(text)}`)];
}

function labelOf(alternative: Alternative): string {
  switch (alternative.kind) {
    case 'leave':
      return 'leave it as it is';
    case 'fewest-moves':
      return `move ${amount(alternative.mostMoves, 'guest')} at most`;
    case 'stay-with-memory':
      return `${namesOf(alternative.vmids)} where the memory is`;
    case 'wish':
      return `${alternative.key}: ${alternative.to} for ${namesOf(alternative.vmids)}`;
  }
}

function describeAlternative(alternative: Alternative): string {
  if (alternative.kind !== 'leave') return describeOutcome(alternative.outcome);
  const { outcome, present } = alternative;
  if (outcome === null) return describePresent(present);
  return outcome.kind === 'possible' && outcome.differences.length === 0
    ? 'nothing would be different'
    : describeOutcome(outcome);
}

const namesOf = (vmids: readonly number[]): string =>
  vmids.length <= MOST_NAMED ? vmids.join(', ') : amount(vmids.length, 'guest');

function describePresent(present: readonly PresentLayout[]): string {
  const running = present.filter(guest => guest.running && guest.nodes > 0);
  const stopped = present.length - running.length;
  const told = running.length <= MOST_NAMED ? running.map(describeOne) : [describeMany(running)];
  return [...told, ...(stopped > 0 ? [`${amount(stopped, 'guest')} not running`] : [])].join('; ');
}

function describeOne({ vmid, nodes, llcs, sharedWith }: PresentLayout): string {
  const over =
    nodes > 1 ? `wanders over ${nodes} nodes` : llcs > 1 ? `wanders over ${llcs} caches` : 'is inside one cache';
  return `${vmid} ${over}, ${sharedWith === 0 ? 'alone on its CPUs' : `beside ${amount(sharedWith, 'guest')}`}`;
}

function describeMany(running: readonly PresentLayout[]): string {
  const wandering = running.filter(({ nodes }) => nodes > 1).length;
  const sharing = running.filter(({ sharedWith }) => sharedWith > 0).length;
  return `${wandering} of ${running.length} guests wander over several nodes, ${sharing} share their CPUs`;
}
