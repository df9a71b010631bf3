import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js'
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker'
import { type NamedHistory, replayHistories } from '../../../src/cli/replay/replay-histories.ts'
import { requireTestRuntime } from '../../support/test-runtime.ts'
import { testWorkflowBundle } from '../../support/workflow-bundle.ts'
import { historyFiles, isOf } from './history-files.ts'
import { SCENARIOS } from './scenarios/index.ts'
import { readSources } from './sources.ts'
import { type HistoryJson, MUTATIONS, withOtherInput } from './support/mutations.ts'

const files = historyFiles().map((file) => {
  const text = readFileSync(file.path, 'utf8')
  return { ...file, text, history: JSON.parse(text) as HistoryJson }
})
const releases = [...new Set(files.map(({ release }) => release))]

let bundle: WorkflowBundleOption
before(async () => {
  requireTestRuntime()
  bundle = await testWorkflowBundle()
})

/** Why each history does not replay, by name; null for those that do. `change` may leave some out. */
async function replay(code: WorkflowBundleOption, change: (history: HistoryJson) => HistoryJson | null) {
  const histories = files.flatMap(({ name, history }): NamedHistory[] => {
    const changed = change(history)
    return changed === null ? [] : [{ name, history: historyFromJSON(changed) }]
  })
  const results = new Map<string, string | null>()
  for await (const { name, problem } of replayHistories(code, histories)) results.set(name, problem)
  assert.equal(results.size, histories.length)
  return [...results]
}

function bundleOf(workflow: string): Promise<WorkflowBundleOption> {
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL(`support/${workflow}`, import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  })
}

const failing = ([, problem]: [string, string | null]) => problem !== null
const passing = ([, problem]: [string, string | null]) => problem === null

test('every history that was ever recorded replays on this code, without a server', async (t) => {
  assert.deepEqual((await replay(bundle, (history) => history)).filter(failing), [])
  t.diagnostic(`${files.length} histories of ${releases.join(', ')}`)
})

for (const { what, leastShare, mutate } of MUTATIONS) {
  test(`a copy of each with ${what} does not`, async () => {
    const results = await replay(bundle, mutate)
    assert.ok(results.length >= files.length * leastShare, `${results.length} histories have such a place`)
    assert.deepEqual(results.filter(passing), [])
    for (const [name, problem] of results) assert.match(problem ?? '', /TMPRL1100/, name)
  })
}

test('a change of the workflow that runs under way have not seen is noticed by each of them', async () => {
  const results = await replay(await bundleOf('changed-workflow.ts'), (history) => history)
  assert.deepEqual(results.filter(passing), [])
})

test('the same change behind patched() leaves them as they are', async () => {
  const results = await replay(await bundleOf('guarded-workflow.ts'), (history) => history)
  assert.deepEqual(results.filter(failing), [])
})

test('what an activity is called with is not compared: replay says nothing about that', async () => {
  assert.deepEqual((await replay(bundle, withOtherInput)).filter(failing), [])
})

test('the newest release has a history of every scenario that it knows', () => {
  const newest = releases.at(-1) ?? ''
  const recorded = files.filter(({ release }) => release === newest).map(({ scenario }) => scenario)
  const known = Object.entries(SCENARIOS).filter(([, scenario]) => isOf(newest, scenario))
  assert.deepEqual([...new Set(recorded)].sort(), known.map(([name]) => name).sort())
})

test('SOURCES.md says of every history where it comes from', () => {
  assert.deepEqual([...readSources().keys()].sort(), files.map(({ name }) => name).sort())
})

test('no history tells of the machine that it was recorded on', () => {
  for (const { name, text } of files) {
    const decoded = text.replace(/"data":"([^"]*)"/g, (_, data: string) =>
      Buffer.from(data, 'base64').toString(),
    )
    assert.doesNotMatch(decoded, /file:\/\/|[("'\s]\/(home|root|tmp|work|Users|var|opt)\//, name)
    const workers = [...text.matchAll(/"identity":"([^"]*)"/g)].map(([, identity]) => identity)
    assert.deepEqual(
      [...new Set(workers)].filter((identity) => identity !== 'recording'),
      [],
      name,
    )
  }
})
