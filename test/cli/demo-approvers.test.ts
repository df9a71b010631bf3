import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { childEnvironment } from '../../src/config/config.ts'
import { localKey } from '../../src/local/local-key.ts'
import { scriptedProviders } from '../../src/local/scripted-providers.ts'
import { type Service, startService } from '../../src/local/start-service.ts'
import { listApiKeys } from '../../src/store/access/api-keys.ts'
import type { Database } from '../../src/store/database/database.ts'
import type { Script } from '../../src/testing/script.ts'
import { startScriptedProvider } from '../../src/testing/start-scripted-provider.ts'
import { openPgliteTestDatabase } from '../support/pglite.ts'
import { temporalEnvironment } from '../support/temporal.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { requireTestRuntime, testLogger } from '../support/test-runtime.ts'
import { testWorkflowBundle } from '../support/workflow-bundle.ts'
import purchases from './support/purchases.ts'

const dataDir = temporaryDirectory()

const script: Script = ({ messages }) =>
  messages.some(({ role }) => role === 'tool')
    ? { text: 'Both are on their way.' }
    : {
        toolCalls: [
          { tool: 'order', arguments: { sku: 'chair' } },
          { tool: 'badge', arguments: { name: 'Ada' } },
        ],
      }

describe('holdfast demo with an application whose requester may not decide', () => {
  const cleanup = new AsyncDisposableStack()
  let service: Service
  let database: Database

  before(async () => {
    requireTestRuntime()
    const temporal = await temporalEnvironment()
    cleanup.defer(() => temporal.close())
    const opened = await openPgliteTestDatabase()
    cleanup.defer(() => opened.close())
    database = opened.database
    const provider = await startScriptedProvider({ script })
    cleanup.defer(() => provider.close())
    service = await startService({
      app: purchases,
      temporal,
      database,
      providers: scriptedProviders(purchases.models, provider.url),
      api: { host: '127.0.0.1', port: 0 },
      access: { secret: 's'.repeat(32) },
      webUiUrl: null,
      logger: testLogger,
      workflowBundle: await testWorkflowBundle(),
    })
    cleanup.defer(() => service.stop())
    await localKey(dataDir, database)
  })
  after(() => cleanup.disposeAsync())

  function startDemo(args: readonly string[] = []) {
    return execFile(
      process.execPath,
      ['--conditions=source', 'src/cli/main.ts', 'demo', 'test/cli/support/purchases.ts', ...args],
      {
        timeout: 60_000,
        env: childEnvironment({ HOLDFAST_DATA_DIR: dataDir, PORT: new URL(service.url).port }),
      },
    )
  }

  it('decides in the name of people who may, with keys that are revoked at once', async () => {
    const child = startDemo()
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += text))
    const code = await new Promise((resolve) => child.once('close', resolve))
    assert.equal(code, 0, output)
    for (const line of [
      /^ +decides as demo-approver-1 \(buyers\)/m,
      /^ +decides as demo-approver-2 \(buyers\)/m,
      /^ +decides as hana, /m,
      /^tool +order: .*"approvedBy":\["demo-approver-1","demo-approver-2"\]/m,
      /^tool +badge: .*"approvedBy":\["hana"\]/m,
      /^Agent +Both are on their way\./m,
    ])
      assert.match(output, line)
    const made = (await listApiKeys(database)).filter(({ principal }) => principal !== 'local')
    assert.deepEqual(made.map(({ principal }) => principal).sort(), [
      'demo-approver-1',
      'demo-approver-2',
      'hana',
    ])
    for (const { revokedAt, scopes } of made) {
      assert.notEqual(revokedAt, null)
      assert.deepEqual(scopes, ['approvals:decide'])
    }
  })

  it('makes no key at a stack that it is only pointed to, and says whose decision the run waits for', async () => {
    const keysBefore = (await listApiKeys(database)).length
    const { text } = await localKey(dataDir, database)
    const child = startDemo(['--url', service.url, '--key', text])
    let output = ''
    const lines = [
      /waits for 2 people out of the group buyers, and not local, whose run it is\. Decide apr_/,
      /waits for one person out of hana, and not local, whose run it is\. Decide apr_/,
    ]
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (chunk) => {
        output += chunk
        if (lines.every((line) => line.test(output))) resolve()
      })
      child.once('close', () => reject(new Error(`The demonstration ended:\n${output}`)))
    })
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGINT')
    await ended
    assert.equal((await listApiKeys(database)).length, keysBefore)
  })
})
