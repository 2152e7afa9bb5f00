// What a placement keeps of the wishes that matter when its guest starts.
import type { GuestPlacement } from '#domain/placement.ts';
import type { Wishes } from '#domain/policy.ts';

export function runTimeWishes(wish: Wishes | undefined): Pick<GuestPlacement, 'config' | 'strict' | 'whileCopied'> {
  return {
    ...(wish?.config === 'runtime' && { config: 'runtime' }),
    ...(wish?.whileCopied === 'keep' && { whileCopied: 'keep' }),
    ...(wish?.strict === true && { strict: true }),
  };
}
