import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { freedUrl } from '../activities/models/support/raw-server.ts'
import { createEmptyDatabase } from '../support/postgres-database.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { holdfast } from './support/holdfast.ts'

const APP = 'test/system/chaos/support/pay-desk/app.ts'
const STORE_COMMANDS = [
  ['report'],
  ['keys', 'list'],
  ['keys', 'create', '--principal', 'ann', '--scope', 'admin'],
]

/* What a command says, as a process, where it cannot have what it needs: a line with what to do, and no stack trace. */

describe('without a store', () => {
  for (const command of STORE_COMMANDS) {
    const name = command.join(' ')
    it(`"${name}" says that there is none, and makes none`, async () => {
      const dataDir = join(temporaryDirectory(), 'data')
      const ask = () => holdfast(command, { HOLDFAST_DATA_DIR: dataDir })
      const absent = await ask()
      assert.deepEqual([absent.code, absent.out], [EXIT.unavailable, ''])
      assert.match(
        absent.err,
        /^DATABASE_URL is not set, and there is no store of a local stack in .*holdfast dev.*\n$/,
      )
      assert.ok(!existsSync(dataDir))

      mkdirSync(dataDir)
      assert.deepEqual(await ask(), absent)
      assert.deepEqual(readdirSync(dataDir), [])
    })
  }
})

describe('where the store is away', () => {
  for (const command of [...STORE_COMMANDS, ['migrate', APP], ['api', APP]]) {
    it(`"${command.join(' ')}" ends with what to do`, async () => {
      const { host } = new URL(await freedUrl())
      const { code, err } = await ask(command, `postgres://u:hunter2@${host}/holdfast`)
      assert.equal(code, 5)
      assert.match(
        err,
        /^The store cannot be used: connect ECONNREFUSED .*DATABASE_URL.*"holdfast doctor".*\n$/,
      )
      assert.doesNotMatch(err, /hunter2/)
    })
  }

  it('a database that the server does not have is named', async (t) => {
    const { url, drop } = await createEmptyDatabase()
    t.after(drop)
    const other = new URL(url)
    other.pathname = '/nodb'
    const { code, err } = await ask(['migrate', APP], other.href)
    assert.equal(code, 5)
    assert.match(err, /^The store cannot be used: database "nodb" does not exist\. .*DATABASE_URL.*\n$/)
  })
})

it('an API whose port is taken ends with what to do', async (t) => {
  const { url, drop } = await createEmptyDatabase()
  t.after(drop)
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  t.after(() => other.close())
  const { port } = other.address() as AddressInfo
  const { code, err } = await ask(['api', APP], url, { PORT: String(port) })
  assert.equal(code, 1)
  assert.equal(
    err,
    `Port ${port} of 127.0.0.1 is taken by another process. Set PORT to another port, or HOST to another address.\n`,
  )
})

/** Temporal is not asked before the store and the port. */
function ask(
  command: readonly string[],
  databaseUrl: string,
  variables: Readonly<Record<string, string>> = {},
) {
  return holdfast(command, {
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    HOLDFAST_SECRET: 's'.repeat(32),
    ...variables,
  })
}
