// The CPUs that irqbalance keeps off, where it runs: read from its configuration, and set by a file that its unit reads last.
import { IRQBALANCE_BAN } from '#domain/host-layer.ts';
import { encodeIdList, parseCpuList, parseCpuMask } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import type { TextTree } from '#domain/text-tree.ts';
import type { Host } from './host.ts';
import { readParsed } from './read-parsed.ts';
import { systemctl } from './systemctl.ts';

const UNIT = 'irqbalance.service';
const CGROUP = `/sys/fs/cgroup/system.slice/${UNIT}`;
const CONFIG = '/etc/default/irqbalance';
/** Files named last win, so that ours does over the one above (systemd.exec, `EnvironmentFile=`). */
const DROP_IN = `/run/systemd/system/${UNIT}.d/50-berth.conf`;

/** As a CPU list; null where irqbalance does not run. */
export function readIrqbalanceBan(tree: TextTree): string | null {
  const ours = tree.read(IRQBALANCE_BAN);
  if (ours !== null) return assigned(ours, 'IRQBALANCE_BANNED_CPULIST') ?? '';
  if (tree.read(`${CGROUP}/cgroup.procs`) === null) return null;
  return encodeIdList(ownBan(tree));
}

/** The operator's own ban needs no file of ours. @throws HostError when irqbalance cannot be started again with it. */
export function writeIrqbalanceBan(host: Host, cpus: CpuSet): void {
  const isOwn = cpus.equals(ownBan(host));
  // Both names, so that neither is left to the configuration.
  const text = `IRQBALANCE_BANNED_CPUS=\nIRQBALANCE_BANNED_CPULIST=${encodeIdList(cpus)}\n`;
  const files = { [IRQBALANCE_BAN]: text, [DROP_IN]: `[Service]\nEnvironmentFile=-${IRQBALANCE_BAN}\n` };
  for (const [path, ours] of Object.entries(files)) {
    if (!isOwn) host.replaceFile(path, ours);
    else if (host.read(path) !== null) host.replaceFile(path, null);
  }
  if (host.simulated) return;
  systemctl('daemon-reload');
  systemctl('try-restart', UNIT);
}

/** What its configuration says, else the CPUs that it leaves alone by itself: isolated ones. */
function ownBan(tree: TextTree): CpuSet {
  const config = tree.read(CONFIG) ?? '';
  const list = assigned(config, 'IRQBALANCE_BANNED_CPULIST');
  if (list !== null) return parseCpuList(list);
  const mask = assigned(config, 'IRQBALANCE_BANNED_CPUS');
  if (mask !== null) return parseCpuMask(mask);
  const cpus = (name: string) => readParsed(tree, `/sys/devices/system/cpu/${name}`, parseIsolated) ?? cpuSet();
  return cpus('isolated').union(cpus('nohz_full'));
}

/** ` (null)` where the kernel was told of none. */
const parseIsolated = (text: string): CpuSet => (/\d/.test(text) ? parseCpuList(text) : cpuSet());

/** The last assignment with a value; quotes taken off. */
function assigned(text: string, name: string): string | null {
  const values = [...text.matchAll(new RegExp(`^\\s*${name}=["']?([^"'\\n]*)["']?\\s*$`, 'gm'))].map(([, value]) =>
    (value ?? '').trim(),
  );
  return values.findLast(value => value !== '') ?? null;
}
