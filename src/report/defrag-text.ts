// What moving guests would gain, a line for each number of moves that gains something.
import type { DefragStep } from '#domain/defrag.ts';
import { amount, describeOutcome } from './outcome-text.ts';
import type { Paint } from './paint.ts';

/** Guests that are named; more are counted. */
const MOST_NAMED = 6;

/** Ends with an empty line. The last step is the one that the plan below takes. */
export function renderDefrag(steps: readonly DefragStep[], paint: Paint): string {
  const rows = steps.map(
    (step, index) => [labelOf(step), index === 0 ? firstText(step) : describeOutcome(step.outcome)] as const,
  );
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, text]) => `  ${label.padEnd(width)}  ${paint.dim(text)}`);
  const last = steps.at(-1);
  const words =
    last === undefined || last.vmids.length === 0
      ? 'Moving guests gains nothing: the layout is as good as it can be within this limit.'
      : `The plan below moves ${amount(last.vmids.length, 'guest')}.`;
  return [paint.bold('Moves, and what they gain'), ...lines, words, '', ''].join('\n');
}

function labelOf({ vmids }: DefragStep): string {
  if (vmids.length === 0) return 'none';
  const names = vmids.length <= MOST_NAMED ? `: ${vmids.join(', ')}` : '';
  return `${amount(vmids.length, 'guest')}${names}`;
}

const firstText = ({ vmids }: DefragStep): string =>
  vmids.length === 0 ? 'as it is' : 'the fewest that have to move for the policy to hold';
