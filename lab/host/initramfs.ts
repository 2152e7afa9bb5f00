// Makes the lab's initramfs: busybox, our init, the kernel's modules; before it, where a shape needs one, an ACPI table.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { LabKernel } from './kernels.ts';
import { encodeMadt } from './madt.ts';
import { readModules } from './modules.ts';
import { makeScratchDirectory } from './scratch-directory.ts';
import type { LabShape } from './shapes.ts';

const BUSYBOX = '/bin/busybox';
const INIT = 'lab/host/init.sh';

/** @throws Error when busybox is not a static one, or a program fails. */
export function makeInitramfs(kernel: LabKernel, shape: LabShape): Buffer {
  const scratch = makeScratchDirectory();
  try {
    for (const directory of ['bin', 'modules', 'tables/kernel/firmware/acpi']) {
      mkdirSync(join(scratch, directory), { recursive: true });
    }
    copyFileSync(findBusybox(), join(scratch, 'bin/busybox'));
    copyFileSync(INIT, join(scratch, 'init'));
    chmodSync(join(scratch, 'init'), 0o755);
    const modules = readModules(kernel.modules);
    for (const { name, content } of modules) writeFileSync(join(scratch, `modules/${name}.ko`), content);
    writeFileSync(join(scratch, 'modules/order'), modules.map(({ name }) => `${name}\n`).join(''));
    const archive = archiveFiles(scratch, ['init', 'bin', 'bin/busybox', 'modules', ...listModules(scratch)]);
    if (shape.siblings === 'adjacent') return archive;
    writeFileSync(join(scratch, 'tables/kernel/firmware/acpi/APIC.aml'), encodeMadt(shape));
    const tables = ['kernel', 'kernel/firmware', 'kernel/firmware/acpi', 'kernel/firmware/acpi/APIC.aml'];
    return Buffer.concat([archiveFiles(join(scratch, 'tables'), tables), archive]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Nothing else is in the initramfs, so it must not need a library. */
function findBusybox(): string {
  if (existsSync(BUSYBOX) && !readFileSync(BUSYBOX, 'latin1').includes('/lib64/ld-linux')) return BUSYBOX;
  throw new Error(`${BUSYBOX} is not there, or not a static one: on Debian, apt-get install busybox-static`);
}

const listModules = (root: string): readonly string[] =>
  readdirSync(join(root, 'modules')).map(name => `modules/${name}`);

/** The `newc` format, which is the one that the kernel reads. */
function archiveFiles(directory: string, paths: readonly string[]): Buffer {
  const args = ['--create', '--format=newc', '--quiet', '--owner=0:0'];
  const { status, stdout, stderr, error } = spawnSync('cpio', args, {
    cwd: directory,
    input: paths.map(path => `${path}\n`).join(''),
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw new Error(`cpio failed: ${error?.message ?? stderr.toString()}`);
  return stdout;
}
