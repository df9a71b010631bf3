import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { App } from '../../../src/app/app.ts'
import { compareWithLock, promptsOf, readLock, writeLock } from '../../../src/cli/check/prompt-lock.ts'
import type { PlannedAgent, RunPlan } from '../../../src/contracts/runs/plan.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** An application of one agent on `desk.v2`, a specialist and a sub-agent, which has these texts. */
function appWith(texts: Readonly<Record<string, string>>): Pick<App, 'agents' | 'plan' | 'prompt'> {
  const agent = (name: string, version: string) => ({ prompt: { name, version } }) as PlannedAgent
  const plan = {
    ...agent('desk', 'v2'),
    specialists: { money: agent('money', 'v1') },
    subAgents: { search: agent('search', 'v1.1') },
  } as unknown as RunPlan
  return {
    agents: [{ name: 'desk', version: 'v2', purpose: '' }],
    plan: () => plan,
    prompt: (name, version) => texts[`${name}.${version}`] ?? null,
  }
}

const TEXTS = { 'desk.v1': 'One', 'desk.v2': 'Two', 'money.v1': 'Three', 'search.v1.1': 'Four' }

describe('the lock of published prompts', () => {
  const path = join(temporaryDirectory(), 'prompts.lock.json')

  it('has the prompts of every agent that a run can come to, in an order of its own, and nothing else', () => {
    writeLock(path, promptsOf(appWith(TEXTS), {}))
    const lock = readLock(path) ?? {}
    assert.deepEqual(Object.keys(lock), ['desk.v2', 'money.v1', 'search.v1.1'])
    // printf Two | sha256sum
    assert.equal(lock['desk.v2'], '94a72c074cfe574742c9e99e863322f73feff82981d065ff65a0308f44f19f62')
    assert.match(readFileSync(path, 'utf8'), /^\{\n {2}"desk\.v2": "[0-9a-f]{64}",\n/)
    assert.deepEqual(compareWithLock(promptsOf(appWith(TEXTS), lock), lock), { problems: [], unlocked: [] })
  })

  it('keeps a version that no agent uses any more', () => {
    const old = promptsOf(appWith(TEXTS), { 'desk.v1': '' })
    assert.deepEqual(Object.keys(old).sort(), ['desk.v1', 'desk.v2', 'money.v1', 'search.v1.1'])
    const changed = promptsOf(appWith({ ...TEXTS, 'desk.v1': 'Another' }), old)
    assert.deepEqual(compareWithLock(changed, old).problems, [
      'Prompt desk.v1 is published and differs from what it was. Put it back, and make the change a new version.',
    ])
  })

  it('names what changed, what is gone and what it does not have', () => {
    const lock = promptsOf(appWith(TEXTS), {})
    const { 'money.v1': _, ...rest } = TEXTS
    const now = promptsOf(appWith({ ...rest, 'desk.v2': 'Two!' }), lock)
    const { problems } = compareWithLock(now, lock)
    assert.equal(problems.length, 2)
    assert.match(String(problems[0]), /^Prompt desk\.v2 is published and differs/)
    assert.match(String(problems[1]), /^Prompt money\.v1 is published and gone/)
    assert.deepEqual(compareWithLock(promptsOf(appWith(TEXTS), {}), {}).unlocked, Object.keys(lock))
  })

  it('is nothing where there is no file, and refuses what is no lock', () => {
    assert.equal(readLock(join(path, '../none.json')), null)
    for (const text of ['{', '[]x', '{"desk.v1":"short"}', 'null']) {
      writeFileSync(path, text)
      assert.throws(() => readLock(path), /is no lock of prompts/)
    }
  })
})
