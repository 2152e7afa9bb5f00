// What stands behind the options of the commands: texts of the command line to values, each with its own word of refusal.
import { InvalidArgumentError } from 'commander';
import { type VmId, vmId } from '#domain/ids.ts';
import { WHAT_IFS, type WhatIf } from '#domain/what-if.ts';

export function parseVmid(text: string): VmId {
  if (!/^[1-9]\d{2,8}$/.test(text)) throw new InvalidArgumentError('a VMID is a number from 100 to 999999999.');
  return vmId(Number(text));
}

export function parsePeriod(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.1 && seconds <= 3600)) throw new InvalidArgumentError('a period is 0.1 to 3600 seconds.');
  return seconds;
}

export function parseSeconds(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > 600) {
    throw new InvalidArgumentError('sampling takes 1 to 600 whole seconds.');
  }
  return Number(text);
}

export function parseRate(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('a rate is a whole number of MiB a second.');
  return Number(text);
}

export function parseBlockSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.1 && seconds <= 3600)) throw new InvalidArgumentError('a block takes 0.1 to 3600 seconds.');
  return seconds;
}

export function parseRounds(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > 1000) {
    throw new InvalidArgumentError('a measurement has 1 to 1000 rounds; it takes 3 to tell a difference.');
  }
  return Number(text);
}

export function parseWhatIfs(text: string): readonly WhatIf[] {
  const words = text.split(',');
  const known = WHAT_IFS.filter(whatIf => words.includes(whatIf));
  if (known.length !== words.length) throw new InvalidArgumentError(`known are ${WHAT_IFS.join(', ')}, each once.`);
  if (known.includes('nps1') && known.includes('nps4'))
    throw new InvalidArgumentError('nps1 and nps4 exclude each other.');
  return known;
}

export function parseMoves(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('a number of guests, 0 or more.');
  return Number(text);
}

export const parseVmids = (text: string, before: readonly VmId[] = []): readonly VmId[] => [...before, parseVmid(text)];

export const parseVmidList = (text: string): readonly VmId[] => text.split(',').filter(Boolean).map(parseVmid);
