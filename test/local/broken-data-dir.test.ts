import assert from 'node:assert/strict'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import pino from 'pino'
import { readConfig } from '../../src/config/config.ts'
import { openStore } from '../../src/local/open-store.ts'
import { createProgress } from '../../src/local/progress.ts'
import { StartError } from '../../src/local/start-error.ts'
import { startStack } from '../../src/local/start-stack.ts'
import { openPglite } from '../../src/store/database/pglite.ts'
import { createMetrics } from '../../src/telemetry/metrics/create-metrics.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { testApp } from '../support/test-app.ts'

const logger = pino({ level: 'silent' })
const parent = temporaryDirectory()
const sound = join(parent, 'sound')
const configFor = (dataDir: string) => readConfig({ HOLDFAST_DATA_DIR: dataDir })

before(async () => {
  const database = await openPglite({ dir: sound })
  await database.close()
})

const BREAKS: Readonly<Record<string, (dir: string) => void>> = {
  'a version that is none': (dir) => writeFileSync(join(dir, 'PG_VERSION'), 'junk'),
  "another Postgres's version": (dir) => writeFileSync(join(dir, 'PG_VERSION'), '9.6\n'),
  'an empty control file': (dir) => writeFileSync(join(dir, 'global', 'pg_control'), Buffer.alloc(8_192)),
}

for (const [name, spoil] of Object.entries(BREAKS)) {
  test(`a database with ${name} is named, with what to do about it`, async () => {
    const dataDir = join(parent, name)
    const dir = join(dataDir, 'pg')
    mkdirSync(dataDir)
    cpSync(sound, dir, { recursive: true })
    spoil(dir)
    await assert.rejects(openStore(configFor(dataDir), testApp(), logger), saysWhatToDo(dir))
  })
}

test('a file in the place of the database is named', async () => {
  const dataDir = join(parent, 'file')
  mkdirSync(dataDir)
  writeFileSync(join(dataDir, 'pg'), '')
  await assert.rejects(openStore(configFor(dataDir), testApp(), logger), saysWhatToDo(join(dataDir, 'pg')))
})

test('a file in the place of the data directory, or above it, is named', async () => {
  const file = join(parent, 'plain')
  writeFileSync(file, '')
  for (const dataDir of [file, join(file, 'below')]) {
    const starting = startStack({
      app: testApp(),
      config: configFor(dataDir),
      logger,
      metrics: createMetrics({ tenants: false }),
      progress: createProgress({ write: () => true, isTTY: false }),
      signal: new AbortController().signal,
      cleanup: new AsyncDisposableStack(),
    })
    await assert.rejects(starting, saysWhatToDo(dataDir))
  }
})

function saysWhatToDo(dir: string) {
  return (error: unknown) => {
    assert.ok(error instanceof StartError, String(error))
    assert.ok(error.message.includes(dir), error.message)
    assert.match(error.message, /Move .*HOLDFAST_DATA_DIR/)
    return true
  }
}
