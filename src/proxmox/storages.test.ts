// Which node has which storage, and where its snippets are.
import { expect, it } from 'vitest';
import { hasStorage, parseStorages, snippetFile } from './storages.ts';

const storage = (text: string, id: string) => parseStorages(text).find(candidate => candidate.id === id);

it('parseStorages() knows local even where the file does not', () => {
  const disks = { content: ['images'] };
  const local = {
    ...{ id: 'local', nodes: null, shared: false, snippets: '/var/lib/vz/snippets' },
    content: ['images', 'rootdir', 'vztmpl', 'iso', 'snippets'],
  };
  expect(parseStorages(null)).toEqual([local]);
  expect(parseStorages('lvm: other\n').map(({ id }) => id)).toEqual(['local', 'other']);
  expect(parseStorages('dir: local\n\tpath /srv\n')).toEqual([{ ...local, ...disks, snippets: '/srv/snippets' }]);
});

it.each([
  ['nfs: nas\n\tserver a\n', { shared: true, snippets: '/mnt/pve/nas/snippets', nodes: null }],
  ['nfs: nas\n\tpath /srv/nas\n', { shared: true, snippets: '/srv/nas/snippets' }],
  ['dir: nas\n\tpath /srv\n\tshared 1\n\tnodes pve1,pve2\n', { shared: true, nodes: ['pve1', 'pve2'] }],
  ['dir: nas\n\tpath /srv\n\tcontent-dirs iso=i,snippets=hooks\n', { snippets: '/srv/hooks' }],
  ['dir: nas\n\tpath /srv\n\tcontent-dirs xsnippets=hooks,iso=i\n', { shared: false, snippets: '/srv/snippets' }],
  [
    'dir: nas\n\tpath /srv\n\tcontent-dirs snippets=hooks,iso=i\n\tshared 0\n',
    { shared: false, snippets: '/srv/hooks' },
  ],
  ['cifs: nas\n', { shared: true, snippets: '/mnt/pve/nas/snippets' }],
  ['cephfs: nas\n', { shared: true, snippets: '/mnt/pve/nas/snippets' }],
  ['glusterfs: nas\n', { shared: true, snippets: '/mnt/pve/nas/snippets' }],
  ['nas\n\tpath /srv\n', { shared: false, snippets: '/srv/snippets' }],
  ['lvmthin: nas\n\tvgname pve\n', { shared: false, snippets: null }],
])('parseStorages() of %j', (text, expected) => {
  expect(storage(text, 'nas')).toMatchObject(expected);
});

it('parseStorages() leaves out what is disabled', () => {
  expect(storage('nfs: nas\n\tdisable\n', 'nas')).toBeUndefined();
  expect(parseStorages('dir: local\n\tpath /srv\n\tdisable\n')).toEqual([]);
});

it('hasStorage() asks the list of nodes where there is one', () => {
  const [nas] = parseStorages('dir: local\n\tpath /srv\n\tnodes pve1\n');
  expect(nas && [hasStorage(nas, 'pve1'), hasStorage(nas, 'pve2')]).toEqual([true, false]);
  expect(parseStorages(null).map(local => hasStorage(local, 'pve2'))).toEqual([true]);
});

it.each<[string, readonly string[]]>([
  ['dir: d\n\tpath /srv\n\tcontent iso,snippets\n', ['iso', 'snippets']],
  ['dir: d\n\tpath /srv\n', ['images']],
  ['dir: d\n\tpath /srv\n\tcontent none\n', ['none']],
])('parseStorages() reads what a storage may hold: %j', (text, content) => {
  expect(parseStorages(text).find(({ id }) => id === 'd')?.content).toEqual(content);
});

it.each<[string, string | null]>([
  ['local:snippets/pin.sh', '/var/lib/vz/snippets/pin.sh'],
  ['nas:snippets/pin.sh', '/mnt/pve/nas/snippets/pin.sh'],
  ['gone:snippets/pin.sh', null],
  ['local:iso/pin.sh', null],
  ['local:snippets/../pin.sh', null],
  ['local:snippets/', null],
  ['/opt/pin.sh', null],
  ['local:snippets/pin .sh', null],
])('snippetFile() of %j is %j', (volume, file) => {
  expect(snippetFile(volume, parseStorages('nfs: nas\n\tserver a\n'))).toBe(file);
});
