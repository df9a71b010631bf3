import type { Command } from 'commander'
import { runId, threadId } from '../../api/http/requests/ids.schema.ts'
import { RUN_STATUSES } from '../../contracts/runs/run.ts'
import { addApiCommand, idOf, whole } from '../api/api-command.ts'
import { createProgram } from '../program.ts'
import { cancelRun } from './cancel-run.ts'
import { getRun } from './get-run.ts'
import { listRuns } from './list-runs.ts'
import { printTrace } from './print-trace.ts'
import { readMetadata } from './read-metadata.ts'
import { startRun } from './start-run.ts'
import { tailRun } from './tail-run.ts'

/** `holdfast runs …`: starts, follows and reads runs over the API. */
export function runsProgram(): Command {
  const program = createProgram('runs')
  const ofRun = (name: string, description: string) => {
    const command = addApiCommand(program, name, description)
    return command.argument('<id>', 'the run', idOf(command, runId, 'a run'))
  }

  const start = addApiCommand(program, 'start', 'starts a run')
    .argument('<agent>', 'name of the agent')
    .argument('<input>', 'what is asked; - reads it from stdin')
    .option(
      '--wait',
      'waits for the end, and for whoever has to decide before it; tells by the exit code how the run ended',
    )
    .option('--tail', 'the same, and prints what happens in between')
    .option('--idempotency-key <key>', 'the same key starts the same run')
    .option('--metadata <key=value...>', 'is kept with the run and given back')
  start
    .option('--deadline-ms <n>', 'time that the run may take', whole(start, '--deadline-ms', 1))
    .option('--max-cost-micro-usd <n>', 'limit of its cost', whole(start, '--max-cost-micro-usd', 0))
    .action((agent, input, { metadata, ...options }) =>
      startRun(agent, input, { ...options, metadata: readMetadata(start, metadata) }),
    )

  const list = addApiCommand(program, 'list', 'runs, newest first')
    .option('--agent <name>', 'of this agent')
    .option('--principal <name>', 'of this principal; it takes the scope runs:read:all')
    .option('--started-by <id>', 'started by the key or token of this id')
    .option('--metadata <key=value...>', 'with these entries')
  list
    .addOption(list.createOption('--status <status>', 'with this status').choices(RUN_STATUSES))
    .option('--thread <id>', 'turns of this thread', idOf(list, threadId, 'a thread'))
    .option('--limit <n>', 'the newest n', whole(list, '--limit', 1), 20)
    .action(({ metadata, ...options }) => listRuns({ ...options, metadata: readMetadata(list, metadata) }))

  ofRun('get', 'one run').action(getRun)
  const tail = ofRun('tail', 'what happens in a run, until it ends; exit code as of start --wait')
  tail
    .option('--after <seq>', 'leaves out the events up to this one', whole(tail, '--after', 0), 0)
    .option('--text', "the models' words on their way, too")
    .action(tailRun)
  ofRun('cancel', 'asks a run to stop').action(cancelRun)

  const trace = ofRun('trace', 'what has happened in a run, step by step, with what it cost')
  trace
    .option('--step <n>', 'this step alone, with its exact requests and answers', whole(trace, '--step', 1))
    .option('--depth <n>', 'so many levels of sub-agents as well', whole(trace, '--depth', 0), 0)
    .action(printTrace)
  return program
}
