import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { identify, isRunning } from '../../../src/local/process-info.ts'
import { StartError } from '../../../src/local/start-error.ts'
import { serverFlags } from '../../../src/local/temporal-server/server-flags.ts'
import { recordServer, stopOrphanedServer } from '../../../src/local/temporal-server/server-record.ts'
import { startServer } from '../../../src/local/temporal-server/start-server.ts'
import { freePort } from '../../../src/worker/probe-port.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const directory = temporaryDirectory()

describe('the dev server', () => {
  it('is started on loopback, tuned, with the search attributes and its state in a file', () => {
    const flags = serverFlags({
      port: 1,
      uiPort: 2,
      databaseFile: '/d/temporal.db',
      namespace: 'default',
    }).join(' ')
    for (const expected of [
      'server start-dev --ip 127.0.0.1 --port 1 ',
      '--ui-ip 127.0.0.1 --ui-port 2',
      '--db-filename /d/temporal.db',
      '--sqlite-pragma journal_mode=wal --sqlite-pragma synchronous=normal',
      'history.transferProcessorMaxPollRPS=2000',
      'history.timerProcessorMaxPollRPS=2000',
      'system.enableActivityEagerExecution=true',
      'matching.numTaskqueueReadPartitions=1',
      'matching.numTaskqueueWritePartitions=1',
      'matching.useNewMatcher=true',
      'matching.enableFairness=true',
      ...['Tenant', 'Agent', 'Status', 'PromptVersion'].map(
        (name) => `--search-attribute Holdfast${name}=Keyword`,
      ),
    ]) {
      assert.ok(flags.includes(expected), expected)
    }
  })

  it('keeps nothing and shows nothing where it is told so', () => {
    const flags = serverFlags({ port: 1, uiPort: null, databaseFile: null, namespace: 'default' })
    assert.ok(flags.includes('--headless'))
    assert.ok(!flags.some((flag) => /^--(ui|db|sqlite)/.test(flag)))
  })

  it('that ends before it is ready is an error with the end of its log', async () => {
    const binary = join(directory, 'broken')
    writeFileSync(binary, '#!/bin/sh\necho "the disk is full"\nexit 3\n', { mode: 0o755 })
    const recordFile = join(directory, 'broken.json')
    const starting = startServer({
      binary,
      env: process.env,
      port: await freePort(),
      uiPort: null,
      databaseFile: null,
      namespace: 'default',
      logFile: join(directory, 'broken.log'),
      recordFile,
    })
    await assert.rejects(starting, (error) => {
      assert.ok(error instanceof StartError)
      assert.match(error.message, /it ended with code 3.*the disk is full/s)
      return true
    })
    assert.ok(!existsSync(recordFile))
  })
})

describe('a port that another process has taken', () => {
  /** Starts a server that finds `taken` in use; gives how often it was started. */
  async function starts(port: number, taken: number): Promise<number> {
    const binary = join(directory, `taken-${taken}`)
    const count = join(directory, `taken-${taken}.count`)
    writeFileSync(
      binary,
      `#!/bin/sh\necho started >>${count}\necho "listen tcp 127.0.0.1:${taken}: bind: address already in use"\nexit 1\n`,
      { mode: 0o755 },
    )
    const starting = startServer({
      binary,
      env: process.env,
      port,
      uiPort: null,
      databaseFile: null,
      namespace: 'default',
      logFile: join(directory, `taken-${taken}.log`),
      recordFile: null,
    })
    await assert.rejects(starting, StartError)
    return readFileSync(count, 'utf8').trim().split('\n').length
  }

  it('is looked for anew where the server chose it, three times in all', async () => {
    assert.equal(await starts(await freePort(), 37_539), 3)
  })

  it('is an error at once where it is the one that the server was given', async () => {
    const port = await freePort()
    assert.equal(await starts(port, port), 1)
  })
})

describe('a server that a killed stack left running', () => {
  const record = join(directory, 'temporal.json')
  const databaseFile = join(directory, 'temporal.db')
  const leave = async (...args: string[]) => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '--', ...args], {
      stdio: 'ignore',
    })
    await once(child, 'spawn')
    recordServer(record, Number(child.pid))
    const identity = identify(Number(child.pid))
    assert.ok(identity)
    return { child, identity }
  }

  it('is stopped', async () => {
    const { identity } = await leave('--db-filename', databaseFile)
    await stopOrphanedServer(record, databaseFile)
    assert.ok(!isRunning(identity))
    assert.ok(!existsSync(record))
  })

  it('is left alone where it works on another file: the pid went to somebody else', async () => {
    const { child, identity } = await leave('--db-filename', '/elsewhere/temporal.db')
    await stopOrphanedServer(record, databaseFile)
    assert.ok(isRunning(identity))
    child.kill('SIGKILL')
    await once(child, 'exit')
  })

  it('is no trouble where there is no record, or an unreadable one', async () => {
    await stopOrphanedServer(record, databaseFile)
    writeFileSync(record, 'torn')
    await stopOrphanedServer(record, databaseFile)
    assert.ok(!existsSync(record))
  })
})
