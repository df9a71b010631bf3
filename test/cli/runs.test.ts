import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { TraceResource } from '../../src/api/dossier/trace.schema.ts'
import { CommandError } from '../../src/cli/command-error.ts'
import { runProgram } from '../../src/cli/program.ts'
import { runsProgram } from '../../src/cli/runs/runs.ts'
import { childEnvironment } from '../../src/config/config.ts'
import { freedUrl } from '../activities/models/support/raw-server.ts'
import { playRun } from '../api/support/play-run.ts'
import { recordingTemporal } from '../api/support/recording-temporal.ts'
import { startApi, type TestApi } from '../api/support/start-api.ts'
import { makeKey } from '../api/support/test-keys.ts'
import { openPgliteTestDatabase } from '../support/pglite.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import type { TestDatabase } from '../support/test-database.ts'

const ID = `run_${'0'.repeat(26)}`

describe('holdfast runs trace', () => {
  let store: TestDatabase
  let api: TestApi
  let key: string
  let runId: string
  const STEPS = 53

  before(async () => {
    store = await openPgliteTestDatabase()
    api = await startApi(store.database, recordingTemporal().client, 'test', {
      auth: 'keys',
      secret: 's'.repeat(32),
    })
    key = (await makeKey(store.database, { principal: 'ann', scopes: ['runs:read'] })).text
    const run = await playRun(store.database, { principal: 'ann' })
    await run.open()
    for (let step = 1; step <= STEPS; step += 1) await run.step()
    runId = run.id
  })
  after(async () => {
    await api.close()
    await store.close()
  })

  function runs(args: readonly string[], variables: Record<string, string> = {}) {
    const dataDir = join(temporaryDirectory(), 'data')
    const env = {
      ...childEnvironment(),
      HOLDFAST_DATA_DIR: dataDir,
      HOLDFAST_API_URL: api.url,
      HOLDFAST_API_KEY: key,
      ...variables,
    }
    return new Promise<{ code: number; out: string; err: string }>((resolve) => {
      execFile(process.execPath, ['src/cli/main.ts', 'runs', ...args], { env }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      )
    })
  }

  it('tells a run from its first step to its last, over as many pages as it takes', async () => {
    const { code, out } = await runs(['trace', runId])
    assert.equal(code, 0)
    const steps = [...out.matchAll(/^Step (\d+), assistant: /gm)].map(([, step]) => Number(step))
    assert.deepEqual(
      steps,
      Array.from({ length: STEPS }, (_, n) => n + 1),
    )
  })

  it('gives the pages as the API has them, one a line', async () => {
    const { out } = await runs(['trace', runId, '--json'])
    const pages = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as TraceResource)
    assert.deepEqual(
      pages.map(({ run, steps }) => [run.id, steps.length]),
      [
        [runId, 50],
        [runId, 3],
      ],
    )
  })

  it('tells one step', async () => {
    const { out } = await runs(['trace', runId, '--step', '52', '--url', api.url])
    assert.deepEqual(out.match(/^Step .*$/gm), ['Step 52, assistant: $0.000001'])
  })

  it('says what is wrong, and how it is mended', async () => {
    const nobody = await freedUrl()
    for (const [args, variables, code, problem] of [
      [['trace', ID], {}, 3, /^There is no such/],
      [['trace', runId, '--step', '99'], {}, 3, /^The run has no step 99\./],
      [['trace', runId], { HOLDFAST_API_KEY: '' }, 4, /HOLDFAST_API_KEY names the key\./],
      [
        ['trace', runId],
        { HOLDFAST_API_URL: nobody },
        5,
        /^No API answers at .* --url or HOLDFAST_API_URL\./,
      ],
      [[], {}, 2, /^Usage: holdfast runs \[options\] \[command\]/],
    ] as const) {
      const result = await runs(args, variables)
      assert.equal(result.out, '')
      assert.match(result.err, problem)
      assert.equal(result.code, code)
    }
  })

  for (const [line, problem] of [
    ['trace', /^Missing required argument 'id'\n\nUsage: holdfast runs trace /],
    ['follow', /^Unknown command 'follow'/],
    [`trace ${ID} ${ID}`, /^Too many arguments/],
    ['trace ../keys', /^"\.\.\/keys" is not the id of a run\./],
    [`trace ${ID} --step 0`, /^--step is not a whole number from 1 on\./],
    [`trace ${ID} --step 1.5`, /^--step is not a whole number/],
    [`trace ${ID} --depth many`, /^--depth is not a whole number/],
    [`trace ${ID} --url nowhere`, /^--url is not an http/],
    [`trace ${ID} --all`, /^Unknown option '--all'/],
    ['start desk', /^Missing required argument 'input'/],
    ['start desk hello --metadata ticket', /^--metadata takes key=value, and not "ticket"\./],
    ['list --status lost', /Allowed choices are queued, /],
  ] as const) {
    it(`refuses "runs ${line}"`, async () => {
      await assert.rejects(runProgram(runsProgram(), line.split(' ')), (error: unknown) => {
        assert.ok(error instanceof CommandError)
        assert.equal(error.exitCode, 2)
        assert.match(error.message, problem)
        return true
      })
    })
  }
})
