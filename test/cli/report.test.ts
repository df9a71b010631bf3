import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { dailyReport } from '../../src/api/reports/report.schema.ts'
import { readReportCommand } from '../../src/cli/report/read-report-command.ts'
import { childEnvironment } from '../../src/config/config.ts'
import { acquireLock } from '../../src/local/lock-file.ts'
import { recordingTemporal } from '../api/support/recording-temporal.ts'
import { startApi } from '../api/support/start-api.ts'
import { putAttempt, putRun } from '../store/reports/support/traffic.ts'
import { openPgliteTestDatabase } from '../support/pglite.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { makeLocalStore } from './support/local-store.ts'

const read = (line: string) => readReportCommand(line === '' ? [] : line.split(' '))

describe('holdfast report', () => {
  it('tells a day of a tenant in a store of its own, as text, JSON and CSV', async () => {
    const dataDir = await makeLocalStore(async (database) => {
      const run = await putRun(database, { tenant: 'acme', createdAt: '2024-03-12T08:00:00Z' })
      await putAttempt(database, run, { day: '2024-03-12', costMicroUsd: 2_500_000 })
    })
    const report = async (...args: string[]) => {
      const env = { ...childEnvironment(), HOLDFAST_DATA_DIR: dataDir }
      const words = ['src/cli/main.ts', 'report', '--tenant', 'acme', ...args]
      return (await promisify(execFile)(process.execPath, words, { env })).stdout
    }

    assert.match(
      await report('--day', '2024-03-12'),
      /^acme: Tuesday 12 March 2024 \(UTC\)\n\n\$2\.50 spent in 1 /,
    )
    const { total, day } = dailyReport.parse(JSON.parse(await report('--day', '2024-03-12', '--json')))
    assert.deepEqual([day, total.cost_micro_usd], ['2024-03-12', 2_500_000])
    assert.match(await report('--day', '2024-03-12', '--csv'), /^acme,2024-03-12,total,,2500000,/m)
    assert.match(await report('--day'), /\n\$0\.00 spent in 0 model calls/)
    await assert.rejects(report('--tenant', 'nobody'), {
      code: 3,
      stdout: '',
      stderr: 'Nothing is known of a tenant "nobody": it has no key, no run and no settings.\n',
    })
    await assert.rejects(report('--day', '9999-12-31'), {
      code: 4,
      stderr: /9999-12-31 is still to come \(UTC\): there is no report of it/,
    })
  })

  it('asks the API of a stack that is up, which has the embedded store open, for its own tenant', async () => {
    const dataDir = join(temporaryDirectory(), 'data')
    mkdirSync(dataDir)
    const lock = acquireLock(join(dataDir, 'lock'))
    const store = await openPgliteTestDatabase()
    const run = await putRun(store.database, { tenant: 'default', createdAt: '2024-03-12T08:00:00Z' })
    await putAttempt(store.database, run, { day: '2024-03-12', costMicroUsd: 2_500_000 })
    const api = await startApi(store.database, recordingTemporal().client)
    const report = async (...args: string[]) => {
      const env = { ...childEnvironment(), HOLDFAST_DATA_DIR: dataDir, PORT: String(api.port) }
      return (await promisify(execFile)(process.execPath, ['src/cli/main.ts', 'report', ...args], { env }))
        .stdout
    }
    try {
      assert.match(
        await report('--day', '2024-03-12'),
        /^default: Tuesday 12 March 2024 \(UTC\)\n\n\$2\.50 spent/,
      )
      await assert.rejects(report('--tenant', 'acme'), {
        code: 4,
        stderr: /reports of the asking key's own tenant only, "default"/,
      })
      await assert.rejects(report('--day', '9999-12-31'), {
        code: 4,
        stderr: /9999-12-31 is still to come/,
      })
    } finally {
      await api.close()
      await store.close()
      lock.release()
    }
  })

  it('reads which day and tenant, and in which form', () => {
    const yesterday = { day: 'yesterday', tenant: null, format: 'text' }
    assert.deepEqual(read(''), yesterday)
    assert.deepEqual(read('--day'), yesterday)
    assert.deepEqual(read('--day --tenant acme --json'), { day: 'yesterday', tenant: 'acme', format: 'json' })
    assert.deepEqual(read('--csv --day today'), { day: 'today', tenant: null, format: 'csv' })
    assert.deepEqual(read('--day=2024-02-29'), { ...yesterday, day: '2024-02-29' })
  })

  for (const [line, problem] of [
    ['--day 2026-02-29', /--day is a day of the calendar/],
    ['--day tomorrow', /--day is a day of the calendar/],
    ['--tenant a/b', /--tenant is not valid/],
    ['--json --csv', /two formats/],
    ['--week 12', /Unknown option '--week'/],
    ['2024-03-12', /Unexpected argument '2024-03-12'/],
  ] as const) {
    it(`refuses "${line}" and says how it is used`, () => {
      assert.throws(() => read(line), problem)
      assert.throws(() => read(line), /Usage: holdfast report \[--day \[DAY\]\]/)
    })
  }
})
