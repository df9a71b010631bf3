import type { Client } from '@temporalio/client'
import type { ScriptedProvider } from '../../../src/testing/start-scripted-provider.ts'
import { processorMs } from './processor-time.ts'

/** How a system under measurement is made to run once. */
export interface Subject {
  readonly name: string
  /** Starts a run of `steps` steps and gives its workflow id. */
  start(steps: number): Promise<string>
  /** Processes whose processor time counts, by what they are. */
  readonly pids: Readonly<Record<string, number>>
}

export interface Figures {
  readonly name: string
  readonly aloneMsPerStep: number
  readonly stepsPerSecond: number
  readonly historyBytesPerStep: number
  readonly processorMsPerStep: Readonly<Record<string, number>>
  /** From the start of the request that starts a run to the arrival of its first model request, alone. */
  readonly startToModelMs: number
}

const STEPS = 10
const ALONE_RUNS = 20
const AT_ONCE = 50

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

async function runOnce(client: Client, subject: Subject): Promise<string> {
  const workflowId = await subject.start(STEPS)
  await client.workflow.getHandle(workflowId).result()
  return workflowId
}

/** One round: alone, then many at once. Rounds of several subjects are taken in turn, since machines drift. */
export async function measureRound(
  client: Client,
  subject: Subject,
  provider: ScriptedProvider,
): Promise<Figures> {
  const alone: number[] = []
  const toModel: number[] = []
  for (let run = 0; run < ALONE_RUNS; run += 1) {
    const seen = provider.requests.length
    const startedAt = performance.now()
    const clockAt = Date.now()
    await runOnce(client, subject)
    alone.push((performance.now() - startedAt) / STEPS)
    const first = provider.requests[seen]
    if (first) toModel.push(first.receivedAt - clockAt)
  }

  const before = processorTimes(subject)
  const startedAt = performance.now()
  const ids = await Promise.all(Array.from({ length: AT_ONCE }, () => runOnce(client, subject)))
  const elapsedMs = performance.now() - startedAt
  const after = processorTimes(subject)

  const steps = AT_ONCE * STEPS
  const { historySize } = await client.workflow.getHandle(ids[0] ?? '').describe()
  return {
    name: subject.name,
    aloneMsPerStep: median(alone),
    stepsPerSecond: (steps / elapsedMs) * 1_000,
    historyBytesPerStep: (historySize ?? Number.NaN) / STEPS,
    processorMsPerStep: Object.fromEntries(
      Object.keys(before).map((part) => [part, ((after[part] ?? 0) - (before[part] ?? 0)) / steps]),
    ),
    startToModelMs: median(toModel),
  }
}

function processorTimes({ pids }: Subject): Record<string, number> {
  return Object.fromEntries(Object.entries(pids).map(([part, pid]) => [part, processorMs(pid)]))
}

/** The median of each figure over rounds of one subject. */
export function summarise(rounds: readonly Figures[]): Figures {
  const [first] = rounds
  if (first === undefined) throw new Error('Nothing was measured')
  const over = (pick: (figures: Figures) => number): number => median(rounds.map(pick))
  return {
    name: first.name,
    aloneMsPerStep: over((round) => round.aloneMsPerStep),
    stepsPerSecond: over((round) => round.stepsPerSecond),
    historyBytesPerStep: over((round) => round.historyBytesPerStep),
    processorMsPerStep: Object.fromEntries(
      Object.keys(first.processorMsPerStep).map((part) => [
        part,
        over((round) => round.processorMsPerStep[part] ?? 0),
      ]),
    ),
    startToModelMs: over((round) => round.startToModelMs),
  }
}
