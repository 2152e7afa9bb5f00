// The scope of a VM, as Proxmox asks systemd for it.
import { describe, expect, it } from 'vitest';
import { makeScopeArguments } from './scope.ts';

const scopeOf = (config: Readonly<Record<string, string>> = {}): string =>
  makeScopeArguments(100, new Map(Object.entries(config))).join(' ');

describe('makeScopeArguments()', () => {
  it("has Proxmox's name, slice and properties", () => {
    expect(scopeOf()).toBe(
      '--scope --quiet --unit=100 --slice=qemu.slice --description=Proxmox VE VM 100 ' +
        '--property KillMode=process --property SendSIGKILL=no --property TimeoutStopSec=30s --property CPUWeight=100 ' +
        '--property DefaultDependencies=no',
    );
  });

  it.each([
    ['cpuunits is the weight', { cpuunits: '2048' }, 'CPUWeight=2048'],
    ['cpulimit 1 is one CPU', { cpulimit: '1' }, 'CPUQuota=100%'],
    ['cpulimit may be part of a CPU', { cpulimit: '0.5' }, 'CPUQuota=50%'],
    ['cpulimit may be more than a CPU', { cpulimit: '2.25' }, 'CPUQuota=225%'],
  ])('%s', (_, config, property) => {
    expect(scopeOf(config)).toContain(`--property ${property} `);
  });

  it('has no quota for a cpulimit of 0', () => {
    expect(scopeOf({ cpulimit: '0' })).not.toContain('CPUQuota');
  });

  it.each(['Delegate', 'AllowedCPUs', 'AllowedMemoryNodes'])('never sets %s', property => {
    expect(scopeOf({ affinity: '4-7', cpulimit: '2', cpuunits: '50' })).not.toContain(property);
  });
});
