import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ledger } from './ledger/ledger.ts'
import { type Report, simulate } from './simulate.ts'

/** `SIMULATION_SEED=123 node --test test/system/simulation/simulation.test.ts` plays that one schedule again. */
const ONE_SEED = process.env['SIMULATION_SEED']
/** `npm run prove` plays more of them. */
const SCHEDULES = Number(process.env['SIMULATION_SCHEDULES'] ?? 100_000)

/** What enough of the schedules have to show, so that they prove something about it. */
const STORIES: Record<string, (ledger: Ledger, report: Report) => boolean> = {
  'an approval was decided': ({ approvals }) => [...approvals.values()].some(({ recorded }) => recorded),
  'it handed over to a fresh execution': (_, { handOvers }) => handOvers > 0,
  'it was replayed': (_, { restarts }) => restarts > 0,
  'it waited for its budget': ({ budget }) => budget.waits > 0,
  'it went on after a wait': ({ budget }) => budget.notices.includes('resumed'),
  'its wait ended by itself': (_, { status, reason }) => status === 'expired' && reason === 'budget',
  'its budget was changed': ({ budget }) => budget.accepted > 0,
  'it went over to the cheaper chain': ({ budget }) => budget.notices.includes('degraded'),
  'it had a last call': ({ budget }) => budget.lastCallAnswered,
  'it failed over its budget': (_, { status, reason }) => status === 'failed' && reason === 'budget',
  'it was told of its threshold': ({ budget }) => budget.notices.includes('threshold'),
  'it met a kill switch': ({ budget }) => budget.switches > 0,
  'it was handed to another agent': ({ handoffs }) => handoffs > 0,
  'a call was judged by its facts': ({ judgedByFacts }) => judgedByFacts > 0,
  'somebody decided whom a tool had named': ({ decidedByNamed }) => decidedByNamed > 0,
  'it had sub-agents': ({ children }) => children.size > 0,
  'it waited for models': ({ models }) => models.waits > 0,
  'a model answered again': ({ models }) => models.returns > 0,
  'it was resumed': ({ resumes }) => resumes > 0,
  'it heard of messages when it was resumed': ({ lateMessages }) => lateMessages > 0,
  'it took something in while it waited for models': ({ models }) => models.takenIn > 0,
  'something that was sent was refused': ({ refusals }) => refusals > 0,
  'something that was sent was dropped': ({ dropped }) => dropped > 0,
  'an answer was gone on with': ({ faults }) => faults.goneOn > 0,
  'an answer was repaired': ({ faults }) => faults.repaired > 0,
  'its answer did not fit to the end': (_, { reason }) => reason === 'output_invalid',
  'a sub-agent was withheld': ({ withheldChildren }) => withheldChildren > 0,
}
const STATUSES = ['completed', 'incomplete', 'failed', 'cancelled', 'expired']

test('random schedules of the reducer keep every invariant', {
  skip: ONE_SEED !== undefined,
}, (context) => {
  const base = 20_261_121
  const seen = new Map<string, number>()
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
  const startedAt = performance.now()
  for (let index = 0; index < SCHEDULES; index += 1) {
    const report = simulated(base + index)
    count(report.status)
    for (const [story, isTold] of Object.entries(STORIES)) if (isTold(report.ledger, report)) count(story)
  }
  const elapsedMs = performance.now() - startedAt
  context.diagnostic(
    `${SCHEDULES} schedules in ${(elapsedMs / 1_000).toFixed(1)} s; ` +
      [...seen].map(([what, times]) => `${what} ${times}`).join(', '),
  )
  for (const what of [...STATUSES, ...Object.keys(STORIES)]) {
    assert.ok((seen.get(what) ?? 0) > SCHEDULES / 1_000, `too few runs (${what}) to prove anything`)
  }
})

test('one schedule, by its seed', { skip: ONE_SEED === undefined }, (context) => {
  const { ledger: _, ...report } = simulated(Number(ONE_SEED))
  context.diagnostic(JSON.stringify(report))
})

function simulated(seed: number): Report {
  try {
    return simulate(seed)
  } catch (error) {
    const how = `SIMULATION_SEED=${seed} node --test test/system/simulation/simulation.test.ts`
    throw new Error(`Seed ${seed}: ${(error as Error).message}. Play it again with: ${how}`, { cause: error })
  }
}
