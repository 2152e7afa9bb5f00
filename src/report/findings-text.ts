// Findings as lines of text, the grave ones first.
import type { Finding, Severity } from '#domain/finding.ts';
import { describeFinding } from './finding-messages.ts';
import type { Paint } from './paint.ts';

const ORDER: readonly Severity[] = ['error', 'warning', 'note'];

/** `✗ vcpu-mask  VM 101: vCPU 2 …` */
export function renderFindings(findings: readonly Finding[], paint: Paint): string[] {
  return ORDER.flatMap(severity =>
    findings
      .filter(finding => finding.severity === severity)
      .map(finding => {
        const mark = severity === 'error' ? paint.bad('✗') : severity === 'warning' ? paint.warn('!') : paint.dim('·');
        return `${mark} ${describeFinding(finding)} ${paint.dim(`[${finding.code}]`)}`;
      }),
  );
}
