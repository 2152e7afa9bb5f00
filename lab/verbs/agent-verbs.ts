// Steps that run the agent as its package does: under systemd, with all that the unit forbids it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { runProgram } from '../inside/run-program.ts';
import { verb } from './verb.ts';

const UNIT = 'packaging/systemd/berth.service';
const INSTALLED = '/run/systemd/system/berth.service';

export const agentVerbs = {
  /** `start-agent: 2`: the seconds of its period; `without` a capability of its unit. Returns when it has looked at every guest once. */
  'start-agent': verb(
    z.strictObject({ 'start-agent': z.number(), without: z.optional(z.string()) }),
    ({ 'start-agent': period, without }) => {
      const unit = readFileSync(UNIT, 'utf8');
      writeFileSync(INSTALLED, without === undefined ? unit : leaveOut(unit, without));
      mkdirSync(`${INSTALLED}.d`, { recursive: true });
      writeFileSync(`${INSTALLED}.d/lab.conf`, makeDropIn(period));
      runProgram(['systemctl', 'daemon-reload']);
      runProgram(['systemctl', 'start', 'berth']);
    },
  ),
};

/** @throws Error when the unit does not have it: then nothing would be left out. */
function leaveOut(unit: string, capability: string): string {
  const left = unit.replace(new RegExp(`(?<=^CapabilityBoundingSet=.*)\\b${capability}\\b ?`, 'm'), '');
  if (left === unit) throw new Error(`${UNIT} has no ${capability}`);
  return left;
}

/** The lab has no targets of an ordinary boot, its emulation is slow, and the checkout may lie where the unit sees nothing. */
const makeDropIn = (period: number): string => `[Unit]
DefaultDependencies=no
[Service]
ExecStart=
ExecStart=${process.execPath} ${process.cwd()}/bin/berth agent --period ${period}
TimeoutStartSec=60s
PrivateTmp=no
ProtectHome=no
`;
