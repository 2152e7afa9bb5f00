// What the JSON of a family's facts must cover: every code, and every fact of it.
import type * as z from 'zod/mini';

export type FactsJson<Family> = {
  readonly [Code in keyof Family]: {
    readonly [Fact in keyof Family[Code]]: z.ZodMiniType<Family[Code][Fact], unknown>;
  };
};
