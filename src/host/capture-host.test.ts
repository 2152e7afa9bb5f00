// Tests of captures: the same answers as from the host itself, and none of its names.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeInspect } from '#contract/inspect.ts';
import { planOutputJson } from '#contract/plan.ts';
import { encodeJson } from '#contract/read-json.ts';
import { LAYERS } from '#domain/host-layer.ts';
import { type BerthTree, configPath, makeBerthTree, pidOf } from '#fixtures/berth-tree.ts';
import { addKernelThread, makeLayerTree } from '#fixtures/layer-tree.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { makePlan } from '#plan/make-plan.ts';
import { makeWishes } from '#policy/make-wishes.ts';
import { parsePolicy } from '#policy/parse-policy.ts';
import { parseRegisteredTags } from '#proxmox/parse-datacenter.ts';
import { captureHost } from './capture-host.ts';
import { encodeTar } from './encode-tar.ts';
import type { Host } from './host.ts';
import { openHost } from './open-host.ts';
import { readInventory } from './read-inventory.ts';
import { readTasks } from './read-tasks.ts';

const POLICY = '/etc/pve/berth/policy.yaml';
/** Two cards of which one is down, a virtual function, a bridge; one name holds an address. */
const LINK_FILES = {
  'sys/class/net/lo/mtu': '65536\n',
  'sys/class/net/enp1s0f0/speed': '50000\n',
  'sys/class/net/enp1s0f0/address': 'bc:24:11:0a:1b:2c\n',
  'sys/class/net/enp1s0f0/device/vendor': '0x8086\n',
  'sys/class/net/enxbc24110a1b2c/device/vendor': '0x8086\n',
  'sys/class/net/enp1s0f0v0/speed': '50000\n',
  'sys/class/net/enp1s0f0v0/device/physfn/vendor': '0x8086\n',
  'sys/class/net/customer-x/speed': '10000\n',
};
const PCI = 'sys/bus/pci/devices/0000:01:00.0';
const PCI_FILES = {
  [`${PCI}/class`]: '0x020000\n',
  [`${PCI}/vendor`]: '0x8086\n',
  [`${PCI}/device`]: '0x1572\n',
  [`${PCI}/numa_node`]: '1\n',
  [`${PCI}/local_cpulist`]: '8-15,24-31\n',
  [`${PCI}/uevent`]: 'DRIVER=i40e\nPCI_SLOT_NAME=0000:01:00.0\n',
};

/** The captured host, written out and opened as any other. */
async function captured(host: Host): Promise<{ readonly host: Host; readonly texts: string }> {
  const { files, directories } = await captureHost(host);
  const root = makeTemporaryTree(Object.fromEntries([...files].map(([path, text]) => [path.slice(1), text])));
  for (const directory of directories) mkdirSync(join(root, directory), { recursive: true });
  return { host: openHost(root), texts: [...files].flat().join('\n') };
}

/** What differs because a name or a text does: the node, guests' names and tags, digests, identities. */
function withoutNames(json: unknown): unknown {
  const text = JSON.stringify(json, (key, value) =>
    ['digest', 'name', 'tags', 'uuid', 'vmgenid', 'policy'].includes(key) ? null : value,
  );
  return JSON.parse(text.replaceAll('nodes/pve1/', 'nodes/node/').replaceAll('"node":"pve1"', '"node":"node"'));
}

async function answersOf(host: Host): Promise<{ readonly inspect: unknown; readonly plan: unknown }> {
  const options = { residentMemory: true, pciDevices: true, ksmKey: true, layers: new Set(LAYERS) };
  const inventory = await readInventory(host, options);
  const policy = parsePolicy(host.read(POLICY) ?? '', POLICY);
  const registered = parseRegisteredTags(host.read('/etc/pve/datacenter.cfg') ?? '');
  const wishes = makeWishes(policy, inventory.guests, registered);
  const { housekeeping, isolation, layers } = policy;
  const made = makePlan({ inventory, wishes, housekeeping, isolation, layers, policyDigest: '', through: 'file' });
  const plan = encodeJson(planOutputJson, { schema: 'berth/plan/1', simulated: host.simulated, ...made });
  return { inspect: withoutNames(encodeInspect(inventory)), plan: withoutNames(JSON.parse(plan)) };
}

async function expectSameAnswers(tree: BerthTree): Promise<void> {
  const copy = (await captured(tree.host)).host;
  expect(await answersOf(copy)).toEqual(await answersOf(tree.host));
}

describe('captureHost()', () => {
  it('gives the same inspect and plan as the host', async () => {
    const cpuinfo = 'processor\t: 0\nmodel name\t: CPU\naddress sizes\t: 46 bits physical, 48 bits virtual\n';
    await expectSameAnswers(makeBerthTree({ ...PCI_FILES, 'proc/cpuinfo': cpuinfo }));
  });

  it('gives the same with a placement in force, pending values and a tag that opts in', async () => {
    const tree = makeBerthTree({ 'etc/pve/datacenter.cfg': 'registered-tags: latency;other\n' });
    tree.edit(configPath(102), /^/, 'tags: latency;mine\n');
    tree.setPolicy(
      'tags: { latency: { class: confined } }\nguests: { 101: { class: dedicated }, 104: { class: dedicated } }\n',
    );
    expect((await tree.apply()).kind).not.toBe('nothing');
    expect(tree.host.read(configPath(101))).toContain('[PENDING]');
    await expectSameAnswers(tree);
  });

  it('gives the same reservation for the network, under other names', async () => {
    const tree = makeBerthTree(LINK_FILES);
    tree.setPolicy('');
    const { host, texts } = await captured(tree.host);
    expect(await answersOf(host)).toEqual(await answersOf(tree.host));
    expect((await answersOf(host)).plan).toMatchObject({ advice: [{ code: 'advice-reservation', network: 2 }] });
    expect(texts).not.toMatch(/enp1s0|0a1b2c|customer-x/i);
  });

  it('does not take a host of which no network is known for one without', async () => {
    const tree = makeBerthTree();
    tree.setPolicy('');
    const { plan } = await answersOf((await captured(tree.host)).host);
    expect(plan).toMatchObject({ advice: [{ code: 'advice-reservation', network: null }] });
  });

  it('gives the same with host layers, and memory that is not to be merged', async () => {
    const tree = makeLayerTree();
    const packages = ['Package: vault', 'Version: 1', '', 'Package: qemu-server', 'Status: install ok installed'];
    mkdirSync(`${tree.root}/var/lib/dpkg`, { recursive: true });
    writeFileSync(
      `${tree.root}/var/lib/dpkg/status`,
      [...packages, 'Maintainer: customer-x', 'Version: 9.0.27', ''].join('\n'),
    );
    tree.edit(POLICY, 'smt: isolate', 'ksm: off');
    tree.edit(POLICY, /^/, 'onArrival: place\n');
    const copy = await captured(tree.host);
    expect(await answersOf(copy.host)).toEqual(await answersOf(tree.host));
    expect(JSON.stringify((await answersOf(copy.host)).plan)).toMatch(/"allow-ksm".*"layer": ?"kernelThreads"/);
    expect(parsePolicy(copy.host.read(POLICY) ?? '', POLICY)).toMatchObject({ onArrival: 'place' });
    expect(copy.texts).not.toMatch(/vault|customer-x/);
    expect(await tree.apply()).toMatchObject({ kind: 'ran', entry: { state: 'done' } });
    addKernelThread(tree, 64, 'md_vault_raid1');
    const later = await captured(tree.host);
    expect(later.texts).not.toContain('vault');
    // It is to go back to what was found, which the capture knows.
    tree.setPolicy('');
    const released = await answersOf((await captured(tree.host)).host);
    expect(JSON.stringify(released.plan)).toMatch(/haltPollingUs.*"after": ?"200000"/);
    const anonymous = (answers: unknown) => JSON.stringify(answers).replaceAll('md_vault_raid1', 'process');
    expect(anonymous(released)).toBe(anonymous(await answersOf(tree.host)));
  });

  it('gives the same where a VM does not answer or its config is odd', async () => {
    const tree = makeBerthTree();
    tree.edit('/run/qemu-server/102.qmp.json', /^[\s\S]*$/, '{}');
    tree.edit(
      configPath(103),
      /^/,
      'cores: many\nrubbish\nhotplug: everything\nnuma0: cpus=3-1\nunheard: of\n\n[odd one]\nx: y\n',
    );
    const [mine, theirs] = [await answersOf(tree.host), await answersOf((await captured(tree.host)).host)];
    const places = (answers: { inspect: unknown }) =>
      (answers.inspect as { unknown: { path: string; reason: string }[] }).unknown.map(({ path, reason }) => [
        path,
        /^line \d+/.exec(reason)?.[0],
      ]);
    expect(places(theirs)).toEqual(places(mine));
    expect(places(mine).length).toBeGreaterThan(5);
    // What is missing differs: there an answer, here the file.
    const withoutReason = (plan: unknown) => JSON.stringify(plan).replace(/"reason":"[^"]*qmp[^"]*"/, '');
    expect(withoutReason(theirs.plan)).toBe(withoutReason(mine.plan));
  });

  it('keeps what verify looks at', async () => {
    const tree = makeBerthTree();
    const copy = (await captured(tree.host)).host;
    const masks = (host: Host) => readTasks(host, new Set()).map(({ pid, allowed }) => [pid, allowed.ids]);
    expect(masks(copy)).toEqual(masks(tree.host));
    expect(masks(copy).length).toBeGreaterThan(15);
  });

  it('gives the same identity to the same guest, and no real one', async () => {
    const tree = makeBerthTree();
    await tree.apply();
    const { guests, placement } = await readInventory((await captured(tree.host)).host);
    const placed = placement?.guests.find(({ vmid }) => vmid === 101)?.identity;
    expect(placed).toEqual(guests.find(({ vmid }) => vmid === 101)?.identity);
    expect(placed?.uuid).toMatch(/^00000000-/);
  });

  it('captures a capture as itself', async () => {
    const once = await captured(makeBerthTree(PCI_FILES).host);
    const { files } = await captureHost(once.host);
    for (const [path, text] of files) expect(text, path).toBe(once.host.read(path));
  });

  it('leaves out a policy that Berth would refuse, and says so', async () => {
    const tree = makeBerthTree();
    tree.setPolicy('guests: { 101: { clas: s3cret } }\n');
    const { files, leftOut } = await captureHost(tree.host);
    expect(files.has(POLICY)).toBe(false);
    expect(leftOut).toEqual([{ path: POLICY, reason: expect.stringContaining('not well-formed') }]);
  });

  it('keeps the empty directories by which Proxmox is known', async () => {
    const host = openHost(makeTemporaryTree({ 'etc/hostname': 'a\n', 'etc/pve/nodes/a/config': '' }));
    expect((await captureHost(host)).directories).toEqual([
      '/etc/pve/nodes/node/qemu-server',
      '/etc/pve/nodes/node/lxc',
    ]);
  });
});

/** Put in everywhere a host can hold them. */
const SECRETS = [
  'BC:24:11:0A:1B:2C',
  '5b0c2f4e-9d55-4a70-8a25-000000000099',
  '192.0.2.77',
  'customer-x',
  'hunter2',
  'ssh-ed25519',
  'vault',
  'SER1AL',
  '/mnt/private',
];

const CONFIG_LINES = [
  '#owner customer-x, 192.0.2.77',
  'description: hunter2',
  'name: customer-x',
  'tags: customer-x;vault',
  'cipassword: hunter2',
  'ciuser: customer-x',
  'sshkeys: ssh-ed25519%20AAAA',
  'args: -device hunter2',
  'net0: virtio=BC:24:11:0A:1B:2C,bridge=vault,tag=7,queues=4',
  'net1: model=e1000,macaddr=BC:24:11:0A:1B:2C',
  'ipconfig0: ip=192.0.2.77/24',
  'nameserver: 192.0.2.77',
  'searchdomain: customer-x',
  'scsi0: vault:vm-customer-x-disk-0,iothread=1,serial=SER1AL,size=32G',
  'ide2: none,media=cdrom',
  'virtio1: /mnt/private/disk.raw',
  'unused0: vault:vm-9-disk-1',
  'smbios1: uuid=5b0c2f4e-9d55-4a70-8a25-000000000099,serial=SER1AL,sku=customer-x',
  'vmgenid: 5b0c2f4e-9d55-4a70-8a25-000000000099',
  'hookscript: vault:snippets/hunter2.pl',
  'hostpci0: mapping=customer-x',
  'cpu: custom-customer-x,flags=+aes',
  'hunter2: x',
  'cores: hunter2',
  'hotplug: hunter2',
  'numa0: cpus=0,memory=hunter2',
  'affinity: hunter2',
  'affinity0: hunter2',
  'lock: hunter2',
  'machine: hunter2',
  'hunter2',
  'snapstate: hunter2',
  'parent: customer-x',
  '[customer-x]',
  'vmstate: vault:hunter2',
  '[hunter2 vault]',
  'memory: 512',
  '[PENDING]',
  'delete: hunter2,affinity',
  'name: customer-x',
];

describe('captureHost() on a host full of secrets', () => {
  async function secretTexts(): Promise<{ texts: string; host: Host }> {
    const tree = makeBerthTree({
      'proc/cpuinfo': 'processor\t: 0\nmodel name\t: CPU\nserial\t: SER1AL\nppin\t: SER1AL\n',
    });
    for (const vmid of [101, 106]) tree.host.replaceFile(configPath(vmid), `${CONFIG_LINES.join('\n')}\n`);
    const lxc = [
      ...CONFIG_LINES,
      'hostname: customer-x',
      'rootfs: vault:9',
      'lxc.mount.entry: /mnt/private',
      'lxc.cgroup2.cpuset.cpus: hunter2',
    ];
    tree.host.replaceFile(configPath(200), `${lxc.join('\n')}\n`);
    tree.host.replaceFile(
      '/etc/pve/datacenter.cfg',
      'registered-tags: customer-x\nemail_from: customer-x\nmac_prefix: BC:24:11:0A:1B:2C\n',
    );
    tree.setPolicy('# hunter2\ntags: { customer-x: { class: confined } }\nguests: { 104: { class: dedicated } }\n');
    const pid = pidOf(tree, 104);
    tree.edit(`/proc/${pid}/cmdline`, '-daemonize', '-daemonize\0-name\0customer-x\0-secret\0hunter2');
    tree.edit(`/proc/${pid}/numa_maps`, '/usr/bin/qemu-system-x86_64', '/mnt/private/customer-x');
    tree.edit(`/proc/${pid}/status`, /^Name:.*$/m, 'Name:\thunter2');
    tree.edit(`/proc/${pid}/stat`, /\(.*\)/, '(hunter2 vault)');
    writeFileSync(`${tree.root}/proc/1/comm`, 'customer-x\n');
    writeFileSync(
      `${tree.root}/run/qemu-server/104.qmp.json`,
      (tree.host.read('/run/qemu-server/104.qmp.json') ?? '').replace('iothread-virtioscsi0', 'customer-x'),
    );
    mkdirSync(`${tree.root}/var/lib/berth/journal`, { recursive: true });
    writeFileSync(`${tree.root}/var/lib/berth/journal/0001.json`, '{"hunter2": 1}');
    writeFileSync(`${tree.root}/etc/pve/user.cfg`, 'user:customer-x@pve:1:0:::hunter2\n');
    return captured(tree.host);
  }

  it('holds none of them, whatever their case', async () => {
    const { texts } = await secretTexts();
    for (const secret of SECRETS) expect(texts.toLowerCase(), secret).not.toContain(secret.toLowerCase());
    expect(texts).not.toContain('pve1');
  });

  it('still tells what matters', async () => {
    const { host } = await secretTexts();
    const text = host.read('/etc/pve/nodes/node/qemu-server/101.conf') ?? '';
    expect(text.split('\n')).toHaveLength(CONFIG_LINES.length + 1);
    for (const line of [
      'name: guest-101',
      'net0: virtio,queues=4',
      'net1: redacted',
      'scsi0: redacted,iothread=1',
      'ide2: redacted,media=cdrom',
      'cpu: flags=+aes',
      'hostpci0: mapping=mapping1',
      'memory: 512',
      '[PENDING]',
      'delete: affinity',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });
});

describe('encodeTar()', () => {
  it('is unpacked by tar as it was packed, long paths, bytes and empty directories too', () => {
    const long = `${'directory/'.repeat(15)}file`;
    const root = makeTemporaryTree();
    const archive = encodeTar([
      { path: 'a/empty', text: null },
      { path: 'a/b', text: 'x\xff\n' },
      { path: long, text: 'y'.repeat(512) },
      { path: 'none', text: '' },
    ]);
    writeFileSync(join(root, 'archive.tar'), archive);
    execFileSync('tar', ['-xf', 'archive.tar'], { cwd: root });
    const host = openHost(root);
    expect([host.read('/a/b'), host.read(`/${long}`), host.read('/none')]).toEqual(['x\xff\n', 'y'.repeat(512), '']);
    expect(readdirSync(join(root, 'a'))).toEqual(['b', 'empty']);
    expect(readdirSync(dirname(join(root, long)))).toEqual(['file']);
  });

  it('refuses a path that no header can hold', () => {
    expect(() => encodeTar([{ path: 'x'.repeat(101), text: '' }])).toThrow('too long for a tar archive');
  });
});
