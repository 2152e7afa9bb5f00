// Moves and what they gain, as lines.
import { describe, expect, it } from 'vitest';
import type { DefragStep } from '#domain/defrag.ts';
import { vmId } from '#domain/ids.ts';
import { renderDefrag } from './defrag-text.ts';
import { makePaint } from './paint.ts';

const step = (vmids: readonly number[], by: number): DefragStep => ({
  mostMoves: vmids.length,
  vmids: vmids.map(vmId),
  outcome: {
    kind: 'possible',
    differences: by === 0 ? [] : [{ aim: 'nodes', by, vmids: [] }],
    aims: [],
    reservedCpus: 0,
    proof: { kind: 'optimal' },
  },
});

describe('renderDefrag()', () => {
  it('has a line for each step', () => {
    expect(renderDefrag([step([], 0), step([104], -1), step([104, 110], -2)], makePaint(false))).toBe(
      [
        'Moves, and what they gain',
        '  none                as it is',
        '  1 guest: 104        1 NUMA node fewer',
        '  2 guests: 104, 110  2 NUMA nodes fewer',
        'The plan below moves 2 guests.',
        '',
        '',
      ].join('\n'),
    );
  });

  it('says that nothing is gained', () => {
    expect(renderDefrag([step([], 0)], makePaint(false))).toContain('Moving guests gains nothing');
  });

  it('says who has to move in any case, and counts guests when they are many', () => {
    const text = renderDefrag(
      [
        step(
          [1, 2, 3, 4, 5, 6, 7].map(index => 100 + index),
          0,
        ),
      ],
      makePaint(false),
    );
    expect(text).toContain('  7 guests  the fewest that have to move for the policy to hold\n');
  });
});
