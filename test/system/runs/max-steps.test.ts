import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ENDING_WORDS } from '../../../src/policies/endings.ts'
import { officePlan } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'
import { askedBy, assertEachStepOnce, lookUps } from './support/look-ups.ts'

const OWN = officePlan('research').limits.maxSteps
const MORE = OWN + 6
/** Enough for every step. */
const ENOUGH = { max_cost_micro_usd: 5_000_000, max_tokens: 5_000_000 }

describe('a limit of steps', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller
  before(async () => {
    environment = await startEnvironment({ script: lookUps() })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  const start = async (words: string, budget: object) =>
    (await caller.start({ agent: 'research', input: words, budget: { ...ENOUGH, ...budget } })).body.id

  test('that is above the agent’s own counts in its place', async () => {
    const words = `${MORE} steps of 1, with more`
    const run = await caller.untilEnd(await start(words, { max_steps: MORE + 1, on_reached: 'pause' }))
    assert.deepEqual([run.status, run.steps], ['completed', MORE + 1])
    assertEachStepOnce(askedBy(environment.provider, words))
  })

  test('that is above the agent’s own lets a run wait where it says so', async () => {
    const id = await start(`${MORE} steps of 1, waiting`, { max_steps: OWN + 2, on_reached: 'pause' })
    const reached = await caller.until(id, 'budget.reached')
    assert.deepEqual([reached['limit'], reached['allowed']], ['steps', OWN + 2])
    await caller.changeBudget(id, { add: { steps: 20 } })
    assert.equal((await caller.untilEnd(id)).status, 'completed')
  })

  test('of the agent itself ends a run with what there is, and resuming it brings as many again', async () => {
    const words = `${MORE} steps of 1, resumed`
    const id = await start(words, {})
    const ended = await caller.untilEnd(id)
    assert.deepEqual([ended.status, ended.reason, ended.steps], ['incomplete', 'max_steps', OWN])
    assert.equal(ended.output, `${ENDING_WORDS.max_steps}\n\nThe last words were: Step ${OWN}.`)
    assert.equal((await caller.resume(id)).status, 202)
    const run = await caller.untilEnd(id)
    assert.deepEqual([run.status, run.output], ['completed', `All ${MORE} steps are taken.`])
    assertEachStepOnce(askedBy(environment.provider, words).filter(({ messages }) => !messages.some(isOurs)))
  })
})

/** The words about the run's end are the model's to read as well, until its next answer stands there. */
function isOurs(message: { readonly role: string; readonly text?: string }): boolean {
  return message.role === 'assistant' && message.text?.startsWith(ENDING_WORDS.max_steps) === true
}
