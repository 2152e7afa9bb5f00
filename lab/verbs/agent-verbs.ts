// Steps that run the agent as its package does: under systemd, with all that the unit forbids it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { runProgram } from '../inside/run-program.ts';
import { verb } from './verb.ts';

const UNIT = 'packaging/systemd/berth.service';
const INSTALLED = '/run/systemd/system/berth.service';

export const agentVerbs = {
  /** `start-agent: 2`: the seconds of its period. Returns when it has looked at every guest once. */
  'start-agent': verb(z.strictObject({ 'start-agent': z.number() }), ({ 'start-agent': period }) => {
    writeFileSync(INSTALLED, readFileSync(UNIT, 'utf8'));
    mkdirSync(`${INSTALLED}.d`, { recursive: true });
    writeFileSync(`${INSTALLED}.d/lab.conf`, makeDropIn(period));
    runProgram(['systemctl', 'daemon-reload']);
    runProgram(['systemctl', 'start', 'berth']);
  }),
};

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
