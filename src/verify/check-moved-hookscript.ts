// A guest's hookscript on another node: on a storage that is not there, or a file that is not.
import { type MoveFinding, moveFinding } from '#domain/move.ts';
import { hasStorage } from '#proxmox/storages.ts';
import type { MovedConfig } from './check-move.ts';

export function* checkHookscript({ values, at, storages, there }: MovedConfig): Generator<MoveFinding> {
  const volume = values.get('hookscript');
  if (volume === undefined) return;
  const storage = storages.find(({ id }) => id === volume.split(':')[0]);
  if (storage === undefined || !hasStorage(storage, there.node)) {
    yield moveFinding('hookscript-storage', { effect: 'stops', at }, { volume, nodes: storage?.nodes ?? [] });
  } else if (!storage.shared && there.snippets?.has(volume) === false) {
    yield moveFinding('hookscript-absent', { effect: 'stops', at }, { volume });
  }
}
