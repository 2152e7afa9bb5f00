// The ACPI table (MADT) from which the kernel numbers its CPUs, with all first threads before all second ones.
import type { LabShape } from './shapes.ts';

/**
 * QEMU lists CPUs core by core, both threads in a row, and has no option for the other order. The kernel numbers CPUs in the order of
 * this table and takes a newer one from its initramfs (kernel doc: admin-guide/acpi/initrd_table_override), so we hand it ours.
 * Layout: ACPI specification 6.5, 5.2.12; the entries besides CPUs are those that QEMU's `q35` machine itself writes.
 */
export function encodeMadt(shape: LabShape): Buffer {
  const entries = [...listApicIds(shape).map(encodeLocalApic), IO_APIC, ...OVERRIDES, LOCAL_NMI];
  const table = Buffer.concat([Buffer.alloc(44), ...entries]);
  table.write('APIC', 0, 'latin1');
  table.writeUInt32LE(table.length, 4);
  table.writeUInt8(1, 8);
  // The same maker and model as the table that it replaces, a higher revision: that is how the kernel decides.
  table.write('BOCHS BXPC    ', 10, 'latin1');
  table.writeUInt32LE(2, 24);
  table.write('BXPC', 28, 'latin1');
  table.writeUInt32LE(1, 32);
  table.writeUInt32LE(0xfee0_0000, 36);
  table.writeUInt32LE(1, 40);
  const sum = table.reduce((total, byte) => total + byte, 0);
  table.writeUInt8((256 - (sum % 256)) % 256, 9);
  return table;
}

/** APIC ids in the wanted order of CPU numbers. */
function listApicIds({ sockets, dies, cores, threads }: LabShape): readonly number[] {
  const threadBits = countBits(threads);
  const coreBits = threadBits + countBits(cores);
  const dieBits = coreBits + countBits(dies);
  const ids: number[] = [];
  for (let thread = 0; thread < threads; thread++)
    for (let socket = 0; socket < sockets; socket++)
      for (let die = 0; die < dies; die++)
        for (let core = 0; core < cores; core++)
          ids.push((socket << dieBits) | (die << coreBits) | (core << threadBits) | thread);
  return ids;
}

const countBits = (values: number): number => Math.ceil(Math.log2(values));

/** QEMU's processor UID is the APIC id as well. */
const encodeLocalApic = (id: number): Buffer => Buffer.from([0, 8, id, id, 1, 0, 0, 0]);

const IO_APIC = Buffer.from([1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0]);

/** The timer on input 2; the four PCI interrupts, level triggered and active high. */
const OVERRIDES = [
  Buffer.from([2, 10, 0, 0, 2, 0, 0, 0, 0, 0]),
  ...[5, 9, 10, 11].map(irq => Buffer.from([2, 10, 0, irq, irq, 0, 0, 0, 0x0d, 0])),
];

const LOCAL_NMI = Buffer.from([4, 6, 0xff, 0, 0, 1]);
