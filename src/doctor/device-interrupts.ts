// Which CPUs serve the interrupts of devices, and how often.
import { type CpuId, cpuId } from '#domain/ids.ts';

export interface DeviceInterrupt {
  readonly number: number;
  /** Of the driver or its queue, such as `nvme0q3`. */
  readonly name: string;
  /** Since boot. */
  readonly served: ReadonlyMap<CpuId, number>;
}

/**
 * Reads `/proc/interrupts`, a column for each online CPU: ` 24:   12345   0   PCI-MSI 524288-edge   nvme0q1`. Lines with a name in
 * place of a number are the kernel's own interrupts. A text of another form gives none.
 */
export function readInterrupts(text: string): readonly DeviceInterrupt[] {
  const [heading = '', ...lines] = text.split('\n');
  const columns = [...heading.matchAll(/CPU(\d+)/g)].map(([, number]) => cpuId(Number(number)));
  return lines.flatMap(line => {
    const [, number, rest] = /^\s*(\d+):\s+(.*)$/.exec(line) ?? [];
    if (number === undefined || rest === undefined) return [];
    const words = rest.trim().split(/\s+/);
    const served = new Map(columns.map((cpu, column) => [cpu, Number(words[column] ?? 0) || 0]));
    return [{ number: Number(number), name: words.at(-1) ?? '', served }];
  });
}
