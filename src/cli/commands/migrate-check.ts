// `berth migrate-check VMID NODE`: can this guest live on that node as planned, and what would change.
import { migrateCheckJson } from '#contract/migrate-check.ts';
import { encodeJson } from '#contract/read-json.ts';
import { renderMigrateCheck } from '#report/migrate-check-text.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { type MoveQuestion, makeMoveReport } from '../make-move-report.ts';
import { tellUntried } from '../tell-untried.ts';

/** 0 when it can, 2 when something stops it or would silently be different; notes alone do not count. */
export async function migrateCheck(context: CommandContext, question: MoveQuestion): Promise<ExitCode> {
  const { host, json, paint } = context;
  const untried = tellUntried(context);
  const { report, ...text } = await makeMoveReport(host, question);
  if (json) {
    const output = { schema: 'berth/migrate-check/1' as const, simulated: host.simulated, ...report, ...untried };
    context.print(encodeJson(migrateCheckJson, output));
  } else context.print(renderMigrateCheck({ report, ...text }, paint));
  return report.findings.every(({ effect }) => effect === 'note') ? 0 : 2;
}
