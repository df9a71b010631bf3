import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunResource } from '../../../../../src/api/runs/run.schema.ts'
import type { FaultPlan } from '../../../../../src/testing/faults/faults.ts'
import type { BilledCall } from '../../../../../src/testing/ledger.ts'
import { startScriptedProvider } from '../../../../../src/testing/start-scripted-provider.ts'
import { send } from '../../../../api/support/post.ts'
import { seeded } from '../../../simulation/random.ts'
import { type ChaosSystem, startChaosSystem } from '../chaos-system.ts'
import { watchLimits } from '../never-over/watch-limits.ts'
import { killAtRandom } from '../refused/kill-at-random.ts'
import { charge, type ProviderName } from './charge.ts'
import { type TroubledRun, troubledRun } from './troubled-run.ts'
import { badDays } from './troubled-script.ts'
import { type CircuitChange, watchCircuits } from './watch-circuits.ts'
import { createWeather, type TwoProviders } from './weather.ts'

export interface BadDays {
  readonly seed: number
  readonly runs: number
  /** How long a provider is away each time. */
  readonly awayMs: number
  readonly kills: number
}

/** A run as it was meant, and as it has ended; null: it has not. */
export interface PlayedRun {
  readonly meant: TroubledRun
  readonly id: string
  readonly ended: RunResource | null
}

export interface Played {
  readonly system: ChaosSystem
  readonly providers: TwoProviders
  readonly plans: readonly FaultPlan[]
  readonly runs: readonly PlayedRun[]
  readonly weather: readonly string[]
  readonly kills: number
  readonly circuits: readonly CircuitChange[]
  /** Moments at which a shared budget was passed. */
  readonly limitsPassed: readonly object[]
  readonly tookMs: number
  close(): Promise<void>
}

const AT_ONCE = 60
/** A run that has not ended after so much time for each run, and a while for outages, is stuck. */
const PATIENCE = { aRunMs: 1_500, atLeastMs: 180_000 } as const
/** The changes of a run that the store tells, at least: the last kill is to come before the last runs have ended. */
const CHANGES_OF_RUN = 14
/** Far above what is used: the limits are kept, and hold nobody up. */
const OPERATOR_LIMITS = {
  limits: [
    { provider: 'openai', requestsPerMinute: 100_000, tokensPerMinute: 1_000_000_000, maxConcurrent: 48 },
    { provider: 'anthropic', tenant: '*', requestsPerMinute: 100_000 },
  ],
}
const DAYS_BUDGET = { max_cost_micro_usd: 10_000_000_000, on_reached: 'pause' }

const priced = (provider: ProviderName) => ({
  price: ({ endpoint, servedBy, usage }: BilledCall) => charge(provider, endpoint, servedBy, usage),
})

/** Plays runs whose providers have bad days, on two workers that are killed now and then, until all have ended or patience has. */
export async function playBadDays({ seed, runs: count, awayMs, kills: mostKills }: BadDays): Promise<Played> {
  await using cleanup = new AsyncDisposableStack()
  const { script, plans } = badDays(seed)
  const options = {
    keepRequests: 1_000_000,
    workerProgram: 'test/system/chaos/support/models/hasty-worker.ts',
  }
  const system = await startChaosSystem(script, { ...options, ...priced('openai') })
  cleanup.defer(() => system.close())
  const anthropic = await startScriptedProvider({
    script,
    keep: options.keepRequests,
    ...priced('anthropic'),
  })
  cleanup.defer(() => anthropic.close())
  const providers = { openai: system.provider, anthropic }
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bad-days-'))
  cleanup.defer(() => rmSync(directory, { recursive: true, force: true }))
  const limits = join(directory, 'limits.json')
  writeFileSync(limits, JSON.stringify(OPERATOR_LIMITS))

  const circuits = await watchCircuits(system.database)
  const limitsPassed = await watchLimits(system.database)
  await setBudget(system)
  const variables = {
    ANTHROPIC_BASE_URL: anthropic.url,
    HOLDFAST_LIMITS: limits,
    HOLDFAST_EMBEDDINGS_BASE_URL: `${system.provider.url}/v1`,
    HOLDFAST_EMBEDDINGS_MODEL: 'words',
  }
  const workers = { ...system, startWorker: () => system.startWorker(system.databaseUrl, variables) }
  const everyChanges = (count * CHANGES_OF_RUN) / (mostKills + 1)
  const kills = await killAtRandom(workers, seeded(seed), { workers: 2, kills: mostKills, everyChanges })
  const weather = createWeather(providers, count, awayMs)

  const startedAt = performance.now()
  const runs = await playRuns(system, count, weather.ended)
  const tookMs = performance.now() - startedAt
  const fronts = await weather.over()
  await kills.stop()
  await system.terminateWorkers()
  const open = cleanup.move()
  return {
    system,
    providers,
    plans,
    runs,
    weather: fronts,
    kills: kills.count,
    circuits: await circuits(),
    limitsPassed: await limitsPassed(),
    tookMs,
    close: () => open.disposeAsync(),
  }
}

async function setBudget({ caller }: ChaosSystem): Promise<void> {
  const { status } = await send('PUT', caller.v1('/budgets/tenant/default/day'), DAYS_BUDGET)
  if (status !== 200) throw new Error(`The budget was not set: ${status}`)
}

/** Some runs at a time. @param onEnded gets how many have ended */
async function playRuns(
  { caller }: ChaosSystem,
  count: number,
  onEnded: (runs: number) => void,
): Promise<PlayedRun[]> {
  const played: PlayedRun[] = []
  const patience = new AbortController()
  const isOver = delay(Math.max(PATIENCE.atLeastMs, count * PATIENCE.aRunMs), null, {
    signal: patience.signal,
  })
  let started = 0
  let ended = 0

  async function playOne(): Promise<boolean> {
    const place = started
    started += 1
    const meant = troubledRun(place)
    const { status, body, text } = await caller.start({ agent: meant.agent, input: meant.input })
    if (status !== 202) throw new Error(`Run ${place} was not accepted: ${text}`)
    played[place] = { meant, id: body.id, ended: null }
    const run = await Promise.race([caller.untilEnd(body.id), isOver])
    if (run === null) return false
    played[place] = { meant, id: body.id, ended: run }
    ended += 1
    onEnded(ended)
    return true
  }
  async function playSome(): Promise<void> {
    while (started < count && (await playOne()));
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, playSome))
  patience.abort()
  await isOver.catch(() => undefined)
  return played
}
