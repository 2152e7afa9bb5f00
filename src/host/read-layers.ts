// Reads the settings that host layers are about, as they are now and as they were found.
import { CPUFREQ, type KernelSetting, type LayerName, type LayerState, SETTING_RULES } from '#domain/host-layer.ts';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { kernelThreadPath, settingKind } from '#domain/kernel-setting.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { readFoundSettings } from './found-settings.ts';
import { readSetting } from './kernel-settings.ts';
import { type KernelThread, readKernelThreads } from './kernel-threads.ts';

export interface LayersOptions {
  /** Is asked once, and only where kernel threads matter. Default: all that there are. */
  readonly listThreads?: (found: ReadonlyMap<string, string>) => readonly KernelThread[];
  /** Settings of other CPUs are left out where they are as they were found. Default: no CPU's are. */
  readonly about?: CpuSet;
}

/**
 * @param asked the layers of policy and placement; those of which something is not as it was found are read as well
 */
export function readLayers(
  host: TextTree,
  asked: ReadonlySet<LayerName>,
  { listThreads = () => readKernelThreads(host), about }: LayersOptions = {},
): LayerState {
  const found = readFoundSettings(host);
  const isAbout = ({ path, cpus }: Instance) =>
    about === undefined || cpus === null || !cpus.isDisjointFrom(about) || found.has(path);
  const layers = new Set([...asked, ...[...found.keys()].flatMap(path => settingKind(path)?.layer ?? [])]);
  const threads = layers.has('kernelThreads') ? listThreads(found) : [];
  const files = SETTING_RULES.filter(({ layer }) => layers.has(layer)).flatMap(({ layer, form, path, of }) =>
    instancesOf(host, path, of)
      .filter(isAbout)
      .flatMap(({ path, cpus }): KernelSetting[] => {
        const now = readSetting(host, path);
        return now === null || !canBe(host, path)
          ? []
          : [{ layer, path, form, now, found: found.get(path) ?? now, cpus }];
      }),
  );
  const masks = threads
    .filter(({ isBound }) => !isBound)
    .map(({ tid, name, allowed }): KernelSetting => {
      const path = kernelThreadPath(tid, name);
      const now = encodeIdList(allowed);
      return { layer: 'kernelThreads', path, form: 'list', now, found: found.get(path) ?? now, cpus: null };
    });
  return { settings: [...files, ...masks], boundThreads: threads.filter(({ isBound }) => isBound) };
}

interface Instance {
  readonly path: string;
  readonly cpus: CpuSet | null;
}

function instancesOf(host: TextTree, path: string, of: 'host' | 'cpu' | 'policy'): readonly Instance[] {
  if (of === 'host') return [{ path, cpus: null }];
  if (of === 'cpu') {
    const online = parseCpuList(host.read('/sys/devices/system/cpu/online') ?? '');
    return online.ids.map(cpu => ({ path: path.replace('*', `${cpu}`), cpus: cpuSet([cpu]) }));
  }
  return listNumbers(host, CPUFREQ, /^policy(\d+)$/).map(number => ({
    path: path.replace('*', `${number}`),
    // One policy may be that of several CPUs: `0 1`.
    cpus: cpuSet(
      (host.read(`${CPUFREQ}/policy${number}/affected_cpus`) ?? '').split(/\s+/).filter(Boolean).map(Number),
    ),
  }));
}

const listNumbers = (host: TextTree, directory: string, form: RegExp): readonly number[] =>
  host
    .list(directory)
    .flatMap(name => form.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

/** A frequency driver names the governors and preferences that it has. */
function canBe(host: TextTree, path: string): boolean {
  const available = path
    .replace(/scaling_governor$/, 'scaling_available_governors')
    .replace(/energy_performance_preference$/, 'energy_performance_available_preferences');
  const words = available === path ? null : host.read(available);
  return words === null || words.split(/\s+/).includes('performance');
}
