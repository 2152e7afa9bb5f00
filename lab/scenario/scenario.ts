// A scenario: what an administrator does on a host of some shape, and what must then be true. One directory each below `lab/scenarios`.

import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { labShapes } from '../host/shapes.ts';
import { USERLANDS, type Userland } from '../host/userlands.ts';
import { listTexts, textsValue } from '../verbs/values.ts';
import { verbs } from '../verbs/verbs.ts';

export interface Step {
  readonly verb: string;
  /** As the verb's schema has it. */
  readonly step: unknown;
  /** As it stands in the file, for people. */
  readonly text: string;
}

/** A deliberately wrong expectation or broken step; the scenario must then fail, at that place and for that reason. */
export interface Sabotage {
  readonly what: string;
  /** Index into the steps. */
  readonly index: number;
  readonly instead: Step;
  /** Index of the step that must notice. */
  readonly failsAt: number;
  /** Texts that its failure must contain: a host that is merely too slow has noticed nothing. */
  readonly says: readonly string[];
}

export interface Scenario {
  readonly name: string;
  readonly what: string;
  readonly shape: string;
  /** Series; the first one is the ordinary run, all of them the full one. */
  readonly kernels: readonly string[];
  /** Kernel parameters. */
  readonly boot: string;
  /** Debian releases to run in, without Node; as with kernels, the first is the ordinary run. None: this machine's own files. */
  readonly userlands: readonly Userland[];
  readonly timeLimitS: number;
  /** Too long for every change: left to `lab:full`, or to whoever names it. */
  readonly onlyInFull: boolean;
  readonly steps: readonly Step[];
  readonly sabotage: readonly Sabotage[];
}

const scenarioYaml = z.strictObject({
  what: z.string(),
  shape: z.enum(Object.keys(labShapes)),
  kernels: z.optional(z.array(z.string()).check(z.minLength(1))),
  boot: z.optional(z.string()),
  userlands: z.optional(z.array(z.enum(USERLANDS))),
  timeLimitS: z.optional(z.number()),
  gate: z.optional(z.literal('full')),
  steps: z.array(z.unknown()).check(z.minLength(1)),
  sabotage: z
    .array(
      z.strictObject({
        what: z.string(),
        /** Counted from 1, as people do. */
        step: z.int().check(z.gte(1)),
        instead: z.optional(z.unknown()),
        failsAt: z.optional(z.int().check(z.gte(1))),
        says: textsValue,
      }),
    )
    .check(z.minLength(1, 'a scenario needs at least one sabotage that it notices')),
});

/** zod/mini has no words of its own. */
const english = en().localeError;

const TIME_LIMIT_S = 120;

/** @throws Error saying where in the scenario. */
export function makeScenario(name: string, yaml: unknown): Scenario {
  const {
    what,
    shape,
    kernels = ['6.12'],
    boot = '',
    userlands = [],
    timeLimitS = TIME_LIMIT_S,
    gate,
    ...lists
  } = check(scenarioYaml, yaml, name);
  const steps = lists.steps.map((step, index) => makeStep(step, `${name}, step ${index + 1}`));
  const sabotage = lists.sabotage.map(({ what, step, instead, failsAt = step, says }, index) => {
    const where = `${name}, sabotage ${index + 1}`;
    if (Math.max(step, failsAt) > steps.length) throw new Error(`${where}: there are only ${steps.length} steps`);
    return { what, index: step - 1, instead: makeStep(instead, where), failsAt: failsAt - 1, says: listTexts(says) };
  });
  return { name, what, shape, kernels, boot, userlands, timeLimitS, onlyInFull: gate === 'full', steps, sabotage };
}

function makeStep(yaml: unknown, where: string): Step {
  const keys = typeof yaml === 'object' && yaml !== null ? Object.keys(yaml) : [];
  const named = keys.filter(key => key in verbs);
  const [word] = named;
  if (word === undefined || named.length > 1) {
    throw new Error(
      `${where}: a step has exactly one of ${Object.keys(verbs).join(', ')}; this one has ${keys.join(', ') || 'none'}`,
    );
  }
  const known = verbs[word];
  if (known === undefined) throw new Error(`${where}: no such step`);
  return { verb: word, step: check(known.schema, yaml, where), text: JSON.stringify(yaml) };
}

function check<T>(schema: z.ZodMiniType<T>, value: unknown, where: string): T {
  const result = z.safeParse(schema, value, { error: english });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? where : `${where}: ${issue.path.join('.')}`;
  throw new Error(`${place}: ${issue?.message ?? 'is wrong'}`);
}

/** The steps with one of them sabotaged. */
export const sabotagedSteps = ({ steps }: Scenario, { index, instead }: Sabotage): readonly Step[] =>
  steps.map((step, at) => (at === index ? instead : step));
