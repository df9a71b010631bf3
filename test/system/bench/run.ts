import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import pg from 'pg'
import { childEnvironment, loadConfig } from '../../../src/config/config.ts'
import { createProgress } from '../../../src/local/progress.ts'
import { findBinary } from '../../../src/local/temporal-server/find-binary.ts'
import { startServer } from '../../../src/local/temporal-server/start-server.ts'
import { startScriptedProvider } from '../../../src/testing/start-scripted-provider.ts'
import { freePort } from '../../../src/worker/probe-port.ts'
import { startPostgres } from '../../support/postgres.ts'
import { type Figures, measureRound, median, type Subject, summarise } from './measure.ts'
import { benchPrompt, benchScript } from './script.ts'

/*
 * `npm run bench [-- rounds]`: what our agent run costs beside a bare Temporal loop that calls the same model and keeps nothing. One
 * Temporal server (tuned and on a file, as `npm start` runs it), one scripted model without delay; Postgres as durable as it
 * comes, and the embedded store beside it. Systems take turns, round by round; the table shows medians.
 *
 * `npm run bench -- [rounds] guards`: what an answer cache, circuit breakers, shared pauses and limits cost, beside the same service without
 * them, on Postgres. No answer is given again, and nothing is held up.
 *
 * `npm run bench -- [rounds] telemetry`: what spans and metrics cost, and what dossiers cost, beside the same service without either. Spans go
 * to a collector that takes everything.
 *
 * `npm run bench -- [rounds] tenants`: what row-level security costs, beside the same service on a store without it.
 */

const args = process.argv.slice(2)
const ROUNDS = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 3)
/** Systems that are measured side by side, by what the command asks for. The first one is without what is measured. */
const SIDE_BY_SIDE = {
  guards: ['unguarded', 'guarded', 'guarded-with-tools'],
  telemetry: ['unwatched', 'watched', 'with-dossier'],
  tenants: ['unwalled', 'walled'],
} as const
const asked = args.find((arg): arg is keyof typeof SIDE_BY_SIDE => arg in SIDE_BY_SIDE)

await using cleanup = new AsyncDisposableStack()

const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
cleanup.defer(() => rmSync(directory, { recursive: true, force: true }))
const env = childEnvironment()
const temporal = await startServer({
  binary: await findBinary({
    cacheDir: loadConfig().cacheDir,
    env,
    progress: createProgress(process.stderr),
  }),
  env,
  port: await freePort(),
  uiPort: null,
  databaseFile: join(directory, 'temporal.db'),
  namespace: 'default',
  logFile: join(directory, 'log'),
  recordFile: null,
})
cleanup.defer(() => temporal.stop())
const postgres = await startPostgres({ durable: true })
cleanup.defer(() => postgres.stop())
const provider = await startScriptedProvider({ script: benchScript, keep: 1_000_000 })
cleanup.defer(() => provider.close())
const collector = createServer((request, response) => request.resume().on('end', () => response.end()))
collector.listen(0, '127.0.0.1')
await once(collector, 'listening')
cleanup.defer(() => {
  collector.closeAllConnections()
  collector.close()
})
const collectorUrl = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
const connection = await Connection.connect({ address: temporal.address })
cleanup.defer(() => connection.close())
const client = new Client({ connection })

if (asked === undefined) await benchAgent()
else await benchSideBySide(SIDE_BY_SIDE[asked])

/** Our run on each store beside the bare loop. */
async function benchAgent(): Promise<void> {
  const results: Figures[] = []
  const bare = await startSystem('bare')
  results.push(...(await compare(bare.child, 'Postgres', postgres.url, postgres.pid)))
  results.push(...(await compare(bare.child, 'PGlite', '', null)))
  report(results, 'the bare loop')
}

/** The bare loop and our run on one store, in turns. Only these two run meanwhile. */
async function compare(bareChild: ChildProcess, store: string, databaseUrl: string, storePid: number | null) {
  const agent = await startSystem('agent', databaseUrl)
  const rounds = await takeTurns([
    bareSubject(bareChild),
    agentSubject({ name: `agent run, ${store}`, system: agent, storePid }),
  ])
  await stopSystem(agent.child)
  return rounds.map(summarise)
}

/** Our run with and without something, each system with a database of its own. */
async function benchSideBySide(kinds: readonly SystemKind[]): Promise<void> {
  const subjects: Subject[] = []
  for (const kind of kinds) {
    const system = await startSystem(kind, await createDatabase(kind))
    subjects.push(agentSubject({ name: kind, system, storePid: postgres.pid, isAskedAnew: true }))
  }
  const [without = [], ...others] = await takeTurns(subjects)
  report([without, ...others].map(summarise), 'the first one')
  for (const rounds of others) reportRatios(rounds, without)
}

function reportRatios(rounds: readonly Figures[], without: readonly Figures[]): void {
  const ratios = rounds
    .map((round, n) => round.stepsPerSecond / (without[n]?.stepsPerSecond ?? Number.NaN))
    .sort((left, right) => left - right)
  const at = (share: number) => (ratios[Math.floor((ratios.length - 1) * share)] ?? Number.NaN).toFixed(2)
  process.stdout.write(
    `\nSteps a second, ${rounds[0]?.name} beside ${without[0]?.name}: ${median(ratios).toFixed(2)} (median of ${ratios.length} rounds' ratios; half of the rounds between ${at(0.25)} and ${at(0.75)})\n`,
  )
}

/** Rounds of each subject, one after the other. */
async function takeTurns(subjects: readonly Subject[]): Promise<Figures[][]> {
  for (const subject of subjects) await measureRound(client, subject, provider) // warm-up
  const rounds = subjects.map((): Figures[] => [])
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, subject] of subjects.entries()) {
      rounds[index]?.push(await measureRound(client, subject, provider))
      process.stderr.write('.')
    }
  }
  return rounds
}

async function createDatabase(name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: postgres.url })
  await admin.connect()
  await admin.query(`create database "${name}"`)
  await admin.end()
  const url = new URL(postgres.url)
  url.pathname = `/${name}`
  return url.href
}

function bareSubject(child: ChildProcess): Subject {
  return {
    name: 'bare loop',
    pids: { temporal: temporal.pid, worker: child.pid ?? 0 },
    async start(steps) {
      const workflowId = `bare-${randomUUID()}`
      await client.workflow.start('bareLoop', { workflowId, taskQueue: 'bare', args: [steps] })
      return workflowId
    },
  }
}

interface AgentSubject {
  readonly name: string
  readonly system: System
  readonly storePid: number | null
  /** Whether no run is asked what another one was asked. */
  readonly isAskedAnew?: boolean
}

function agentSubject({ name, system, storePid, isAskedAnew = false }: AgentSubject): Subject {
  return {
    name,
    pids: {
      temporal: temporal.pid,
      worker: system.child.pid ?? 0,
      ...(storePid !== null && { store: storePid }),
    },
    async start(steps) {
      const key = randomUUID()
      const response = await fetch(`${system.url}/v1/runs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ agent: 'support', input: benchPrompt(steps, isAskedAnew ? key : undefined) }),
      })
      if (response.status !== 202) throw new Error(`A run was not accepted: ${await response.text()}`)
      return `support/default/${key}`
    },
  }
}

type SystemKind = 'bare' | 'agent' | (typeof SIDE_BY_SIDE)[keyof typeof SIDE_BY_SIDE][number]

interface System {
  readonly child: ChildProcess
  readonly url: string
}

async function startSystem(kind: SystemKind, databaseUrl = ''): Promise<System> {
  const program = fileURLToPath(new URL('systems.ts', import.meta.url))
  const child = fork(program, [kind, temporal.address, provider.url, databaseUrl, collectorUrl], {
    execArgv: ['--conditions=source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  cleanup.defer(() => stopSystem(child))
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The ${kind} system ended with ${code} before it was ready`)
  })
  const [{ url }] = (await Promise.race([once(child, 'message'), ended])) as [{ url: string }]
  return { child, url }
}

async function stopSystem(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

function report(figures: readonly Figures[], beside: string): void {
  const rows = figures.map((row, index) => {
    const base = figures[asked === undefined ? index - (index % 2) : 0] ?? row
    const processor = Object.entries(row.processorMsPerStep)
    const total = processor.reduce((sum, [, ms]) => sum + ms, 0)
    return [
      row.name,
      `${row.stepsPerSecond.toFixed(0)} (${(row.stepsPerSecond / base.stepsPerSecond).toFixed(2)})`,
      `${row.aloneMsPerStep.toFixed(1)} (${(row.aloneMsPerStep / base.aloneMsPerStep).toFixed(2)})`,
      row.historyBytesPerStep.toFixed(0),
      `${total.toFixed(1)} (${processor.map(([part, ms]) => `${part} ${ms.toFixed(1)}`).join(', ')})`,
      row.startToModelMs.toFixed(0),
    ]
  })
  const head = [
    '',
    'steps/s, 50 at once',
    'ms a step, alone',
    'history bytes a step',
    'processor ms a step',
    'start → model request, ms',
  ]
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  process.stdout.write(
    `\n${new Date().toISOString().slice(0, 10)}, ${ROUNDS} rounds, in brackets: beside ${beside} of the same rounds\n\n`,
  )
  process.stdout.write(`${lines.join('\n')}\n`)
}
