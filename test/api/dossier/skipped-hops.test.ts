import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TraceResource } from '../../../src/api/dossier/trace.schema.ts'
import type { FailedHop } from '../../../src/contracts/runs/ending.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { recordModelWait } from '../../../src/store/models/record-model-wait.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { answerTo, begun, samplePlan, startRun } from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'
import { get } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

const SKIPPED: FailedHop = { hop: 0, model: 'first', code: 'model_circuit_open' }
const PLAN: RunPlan = {
  ...samplePlan,
  chain: ['first', 'second'].map((model) => ({
    provider: `of-${model}`,
    wire: 'openai-responses',
    model,
    maxOutputTokens: 100,
  })),
}

forEachDatabase((_, open) => {
  describe('the dossier of a run whose chain went past a model', () => {
    let database: Database
    let api: TestApi

    before(async () => {
      database = await open()
      api = await startApi(database, recordingTemporal().client)
    })
    after(() => api.close())

    const start = () => startRun(database, { plan: PLAN, tenant: 'default', principal: 'local' })
    const urlOf = ({ runId }: RunIdentity) => `${api.url}/v1/runs/${runId}/trace`
    const trace = async (run: RunIdentity) => (await get<TraceResource>(urlOf(run))).body
    async function story(run: RunIdentity): Promise<string[]> {
      const response = await fetch(urlOf(run), { headers: { accept: 'text/plain' } })
      const lines = (await response.text()).split('\n')
      return lines.flatMap(
        (line) => /^[\d:.]+ {2}((?:skips|asks|answers|waits|goes on) .*)/.exec(line)?.[1] ?? [],
      )
    }

    const second = { provider: 'of-second', model: 'second', hop: 1 } as const
    async function answered(run: RunIdentity, failedHops: readonly FailedHop[]): Promise<void> {
      const call = await begun(database, run, second)
      await storeModelCall(database, answerTo(run, call, { ...second, failedHops }))
    }

    it('tells of the model before the one that was asked in its place', async () => {
      const run = await start()
      await answered(run, [SKIPPED])
      const [step] = (await trace(run)).steps
      const [first, other] = step?.model_calls ?? []
      assert.deepEqual(
        { ...first, skipped: first?.skipped?.map(({ code }) => code) },
        { hop: 0, provider: 'of-first', model: 'first', skipped: ['model_circuit_open'], attempts: [] },
      )
      assert.equal(first?.skipped?.[0]?.at, other?.attempts[0]?.began_at)
      assert.equal(other?.skipped, undefined)
      const [skips, asks] = await story(run)
      assert.equal(skips, 'skips      of-first first (hop 0): its circuit is open (model_circuit_open)')
      assert.match(asks ?? '', /^asks {7}of-second second \(hop 1, /)
    })

    it('has a model that was asked, and failed, by its attempts alone', async () => {
      const run = await start()
      await begun(database, run, { provider: 'of-first', model: 'first', hop: 0 })
      await answered(run, [{ ...SKIPPED, code: 'model_timed_out' }])
      const [first] = (await trace(run)).steps[0]?.model_calls ?? []
      assert.deepEqual([first?.attempts.length, first?.skipped], [1, undefined])
    })

    it('tells of each time that a run tried its chain in vain, also before its step began', async () => {
      const run = await start()
      const wait = { run, step: 1, tries: 0, failedHops: [SKIPPED, { ...SKIPPED, hop: 1, model: 'second' }] }
      const waits = { since: '2026-11-27T10:00:00.000Z', until: '2026-11-27T11:00:00.000Z' }
      await recordModelWait(database, { ...wait, progress: 1, notices: ['away'], waits })
      const away = [
        'skips      first (hop 0): its circuit is open (model_circuit_open)',
        'skips      second (hop 1): its circuit is open (model_circuit_open)',
      ]
      assert.deepEqual((await story(run)).slice(0, 2), away)
      await answered(run, [SKIPPED])
      const { events, steps } = await trace(run)
      assert.ok(!events.some(({ type }) => type === 'model.failed'))
      const calls = steps[0]?.model_calls
      assert.deepEqual(
        calls?.map(({ model, skipped, attempts }) => [model, skipped?.length, attempts.length]),
        [
          ['first', 2, 0],
          ['second', 1, 1],
        ],
      )
    })
  })
})
