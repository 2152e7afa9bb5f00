// The commands of `berth` and their options, declared; each is loaded only when it is called.
import { Command, Option } from 'commander';
import type { VmId } from '#domain/ids.ts';
import { WHAT_IFS, type WhatIf } from '#domain/what-if.ts';
import type { BenchCommandOptions } from './bench-command.ts';
import { type CommandContext, type ExitCode, type GlobalOptions, makeContext } from './command-context.ts';
import type { PlanOptions } from './commands/plan.ts';
import {
  parseBlockSeconds,
  parseMoves,
  parsePeriod,
  parseRate,
  parseRounds,
  parseSeconds,
  parseVmid,
  parseVmidList,
  parseVmids,
  parseWhatIfs,
} from './parse-options.ts';

export const program = new Command('berth')
  .description('Gives latency-critical Proxmox VE guests their own cores, caches and local memory, and proves it')
  .version(process.env.BERTH_VERSION ?? 'unbuilt')
  .option('--root <dir>', 'work on a captured host in this directory instead of the live one', '/')
  .option('--json', 'print one JSON object')
  .exitOverride()
  .showHelpAfterError('(berth --help lists the commands)');

/** Runs a command with its context; its number is the exit code. */
async function run(work: (context: CommandContext) => Promise<ExitCode>): Promise<void> {
  process.exitCode = await work(makeContext(program.opts<GlobalOptions>()));
}

program
  .command('init')
  .description('look at host and guests, ask which of them matter, and write the first policy')
  .option(
    '--dedicated <vmids>',
    'guests with a CPU of their own for every vCPU, such as 101,104; do not ask',
    parseVmidList,
  )
  .option('--confined <vmids>', 'guests that stay inside one NUMA node; do not ask', parseVmidList)
  .option('--yes', 'write without asking again')
  .action(({ yes = false, ...guests }: { dedicated?: readonly VmId[]; confined?: readonly VmId[]; yes?: boolean }) =>
    run(async context => (await import('./commands/init.ts')).init(context, { ...guests, yes })),
  );

program
  .command('status')
  .description('the node in one screen: what is wanted, what is in force, and whether somebody keeps it so')
  .action(() => run(async context => (await import('./commands/status.ts')).status(context)));

program
  .command('inspect')
  .description('show the host as it is: cores, caches, NUMA nodes, memory, and which guest runs where')
  .option('--svg [file]', 'draw it as SVG, to a file or to standard output')
  .option(
    '--from <file>',
    'read the output of lscpu, numactl --hardware or lstopo --of xml instead; - is standard input',
  )
  .option('--publish', 'also write what this node is to /etc/pve/berth, for `berth migrate-check` on other nodes')
  .action(({ from, ...options }: { svg?: string | true; from?: string; publish?: boolean }) =>
    run(async context =>
      from === undefined
        ? (await import('./commands/inspect.ts')).inspect(context, options)
        : (await import('./commands/inspect-pasted.ts')).inspectPasted(context, { from, ...options }),
    ),
  );

program
  .command('plan')
  .description('show where every guest belongs, why, and what would change')
  .option('--out <file>', 'keep the plan, for `berth apply FILE`')
  .addOption(
    new Option('--what-if <changes>', `plan on a host that is not there: ${WHAT_IFS.join(', ')}; with commas, several`)
      .argParser(parseWhatIfs)
      .conflicts(['out', 'defrag', 'maxMoves']),
  )
  .option('--max-moves <number>', 'let at most so many guests leave their place', parseMoves)
  .option('--defrag', 'show what each moved guest gains, and plan the fewest moves that gain all of it')
  .action(({ whatIf, ...options }: PlanOptions & { whatIf?: readonly WhatIf[] }) =>
    run(async context =>
      whatIf === undefined
        ? (await import('./commands/plan.ts')).plan(context, options)
        : (await import('./commands/plan-what-if.ts')).planWhatIf(context, whatIf),
    ),
  );

program
  .command('explain')
  .argument('<vmid>', 'the guest', parseVmid)
  .argument('[file]', 'a plan from `berth plan --out`; without it, plan now')
  .description('say why a guest is where the plan puts it, and what it would cost elsewhere')
  .action((vmid: VmId, file: string | undefined) =>
    run(async context => (await import('./commands/explain.ts')).explain(context, { vmid, file })),
  );

program
  .command('check-plan')
  .argument('<file>', 'a plan from `berth plan --out`')
  .description('prove a plan against its host, without the planner')
  .action((file: string) =>
    run(async context => (await import('./commands/check-plan.ts')).checkPlanFile(context, file)),
  );

program
  .command('apply')
  .argument('[file]', 'a plan from `berth plan --out`; without it, plan now')
  .description('make the plan true, step by step, so that it can be undone')
  .option('--yes', 'do not ask')
  .option(
    '--move-memory [vmid...]',
    'then move the memory of running VMs to their nodes; of all placed ones if none is named',
    parseVmids,
  )
  .option('--move-rate <MiB>', 'at most so many MiB of memory a second; 1024 if left out', parseRate)
  .action(
    (file: string | undefined, options: { yes?: boolean; moveMemory?: true | readonly VmId[]; moveRate?: number }) =>
      run(async context => {
        const { yes = false, moveMemory, moveRate } = options;
        const vmids = moveMemory === true ? [] : moveMemory;
        const memory = vmids === undefined ? null : { vmids, rateMiBps: moveRate ?? null };
        return (await import('./commands/apply.ts')).apply(context, { file, yes, memory });
      }),
  );

program
  .command('undo')
  .argument('[id]', 'the journal entry; without it, the newest apply')
  .description('put back what an apply changed')
  .option('--yes', 'do not ask')
  .action((id: string | undefined, options: { yes?: boolean }) =>
    run(async context => (await import('./commands/undo.ts')).undo(context, { id, yes: options.yes === true })),
  );

program
  .command('history')
  .description('list what was applied and undone on this node')
  .action(() => run(async context => (await import('./commands/history.ts')).history(context)));

program
  .command('verify')
  .argument('[vmid...]', 'only these guests', parseVmids)
  .description('compare what the kernel does now with the placement in force')
  .action((vmids: readonly VmId[]) =>
    run(async context => (await import('./commands/verify.ts')).verify(context, vmids)),
  );

program
  .command('doctor')
  .argument('[vmid...]', 'only these guests', parseVmids)
  .description('find what is wrong with the host and its guests as configured, and how to put it right')
  .option('--fix', 'change the configs of guests where that is safe')
  .option('--yes', 'with --fix: do not ask')
  .action((vmids: readonly VmId[], { fix = false, yes = false }: { fix?: boolean; yes?: boolean }) =>
    run(async context => (await import('./commands/doctor.ts')).doctor(context, { vmids, fix, yes })),
  );

program
  .command('agent')
  .description('keep the placement in force true: pin guests as they start, and again whenever something changed')
  .option('--once', 'one pass, then end')
  .option('--period <seconds>', 'the longest time between two passes', parsePeriod, 5)
  .option('--no-notifications', "do not raise Proxmox's notifications about what stays wrong")
  .action(({ once = false, period, notifications }: { once?: boolean; period: number; notifications: boolean }) =>
    run(async context =>
      (await import('./commands/agent.ts')).agent(context, { once, periodS: period, notifications }),
    ),
  );

const hooks = program
  .command('hook')
  .description('the hookscript: pins guests as they start, and checks before they do');
hooks
  .command('call', { isDefault: true })
  .argument('<vmid>', 'the guest', parseVmid)
  .argument('<phase>', 'pre-start, post-start, pre-stop or post-stop')
  .description('what the hookscript calls')
  .action((vmid: VmId, phase: string) =>
    run(async context => (await import('./commands/hook.ts')).hook(context, vmid, phase)).then(() => {
      // A QEMU that never answers is not waited for.
      process.exit();
    }),
  );

for (const { name, what, every, storages } of [
  {
    name: 'install',
    what: 'let these VMs call berth when they start; what they called before they go on calling. Without VMIDs: only put the script in place',
    every: 'every VM of this node, templates left out',
    storages: 'the storage that holds the script; local if left out',
  },
  {
    name: 'remove',
    what: 'give these VMs back the hookscript that they had before',
    every: 'every VM and template of this node',
    storages: 'only where the script is in this storage',
  },
] as const) {
  hooks
    .command(name)
    .argument('[vmid...]', 'VMs of this node', parseVmids)
    .option('--all', every)
    .option('--storage <id>', storages)
    .option('--yes', 'do not ask')
    .description(what)
    .action(
      (
        vmids: readonly VmId[],
        { all = false, yes = false, storage }: { all?: boolean; yes?: boolean; storage?: string },
      ) =>
        run(async context => {
          const { installHook, removeHook } = await import('./commands/hook-install.ts');
          return (name === 'install' ? installHook : removeHook)(context, { vmids, all, storage, yes });
        }),
    );
}

program
  .command('diagnose')
  .argument('[vmid...]', 'only these VMs', parseVmids)
  .description('watch the running VMs, and say what each loses, to whom, and whether pinning would help')
  .option('--seconds <number>', 'how long to watch', parseSeconds, 10)
  .action((vmids: readonly VmId[], { seconds }: { seconds: number }) =>
    run(async context => (await import('./commands/diagnose.ts')).diagnoseGuests(context, { vmids, seconds })),
  );

program
  .command('bench')
  .argument('[vmid]', 'a VM that runs', parseVmid)
  .description('measure its latency as found, as planned and as found again, in turns; the host is left as it was')
  .addOption(
    new Option('--mode <mode>', 'host: how long its vCPUs wait; guest: cyclictest inside, through its agent')
      .choices(['host', 'guest'])
      .default('host'),
  )
  .option('--ssh <destination>', 'cyclictest inside, through ssh instead of the agent')
  .option('--rounds <number>', 'of three blocks each', parseRounds, 8)
  .option('--seconds <number>', 'of each block', parseBlockSeconds, 5)
  .option('--yes', 'do not ask')
  .option('--noise', 'make load on every CPU of the host meanwhile')
  .addOption(new Option('--restart').hideHelp())
  .option('--import <file>', 'keep what cyclictest (-h, --json) or an HDR histogram log has from elsewhere')
  .option('--list', 'what was measured on this node')
  .option('--show <id>', 'one of them again')
  .option('--html <file>', 'with --show: as a page for a browser')
  .option('--svg <directory>', 'with --show: its pictures as files')
  .addOption(
    new Option('--unit <unit>', 'with --import: of its values, where the file does not say').choices([
      'ns',
      'us',
      'ms',
    ]),
  )
  .option('--compare <ids...>', 'two of them beside each other')
  .action((vmid: VmId | undefined, options: BenchCommandOptions) =>
    run(async context => (await import('./bench-command.ts')).benchCommand(context, vmid, options)),
  );

program
  .command('isolate')
  .description(
    'show the kernel parameters that keep dedicated CPUs clear from the boot on, and write them for the boot loader',
  )
  .option('--verify', 'say what the kernel made of them')
  .option('--undo', 'take them back')
  .option('--yes', 'do not ask')
  .action(({ verify = false, undo = false, yes = false }: { verify?: boolean; undo?: boolean; yes?: boolean }) =>
    run(async context => (await import('./commands/isolate.ts')).isolate(context, { verify, undo, yes })),
  );

program
  .command('adopt')
  .argument('[vmid...]', 'only these guests', parseVmids)
  .description('take over what is pinned by hand: into policy and placement, without touching a guest')
  .option('--yes', 'do not ask')
  .action((vmids: readonly VmId[], { yes = false }: { yes?: boolean }) =>
    run(async context => (await import('./commands/adopt.ts')).adopt(context, { vmids, yes })),
  );

program
  .command('migrate-check')
  .argument('<vmid>', 'a guest of this node', parseVmid)
  .argument('<node>', 'the node to which it is to move')
  .option('--from <dir>', 'that node as `berth capture` took it, unpacked; without it, what it has published')
  .description('can this guest live on that node as planned, and what would change')
  .action((vmid: VmId, target: string, { from }: { from?: string }) =>
    run(async context => (await import('./commands/migrate-check.ts')).migrateCheck(context, { vmid, target, from })),
  );

const policy = program.command('policy').description('read and edit what is wanted');
policy
  .command('show', { isDefault: true })
  .description('print the policy file, after checking it')
  .action(() => run(async context => (await import('./commands/policy.ts')).showPolicy(context)));
policy
  .command('set')
  .argument('<vmid>', 'the guest', parseVmid)
  .argument('<wish...>', 'key=value, for example class=dedicated; an empty value removes the key')
  .description('change what is wanted for one guest; comments stay')
  .action((vmid: VmId, wishes: string[]) =>
    run(async context => (await import('./commands/policy.ts')).setPolicy(context, { vmid, wishes })),
  );

program
  .command('capture')
  .argument('<file>', 'a tar archive, compressed; it must not exist yet')
  .description('take this host as a fixture for bug reports, without names and secrets')
  .action((file: string) => run(async context => (await import('./commands/capture.ts')).capture(context, file)));

program
  .command('demo')
  .description('do the whole job on a captured two-socket host in a scratch directory')
  .action(() => run(async context => (await import('./commands/demo.ts')).demo(context)));
