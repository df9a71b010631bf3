import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { EXAMPLE } from '../../examples/shop/example.ts'
import { readEventStream } from '../../src/client/transport/read-event-stream.ts'
import { portHolder } from '../../src/local/ports.ts'
import { identify, isRunning, type ProcessIdentity } from '../../src/local/process-info.ts'
import { PRESENCE } from '../../src/policies/operations/processes.ts'
import { keysCommand } from '../support/keys-command.ts'
import { type StackProcess, startStackProcess } from '../support/stack-process.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/*
 * The local stack as a person uses it, each part building on what the one before has left in the data directory.
 */

interface Run {
  readonly id: string
  readonly status: string
  readonly output?: string
  readonly required_action?: { readonly approvals: readonly string[] }
}
type Event = { readonly type: string; readonly data: { readonly tool?: string } }

const dataDir = join(temporaryDirectory(), 'data')
let stack: StackProcess
let runId: string

after(async () => {
  if (stack?.child.exitCode === null && stack.child.signalCode === null) await stack.interrupt()
})

async function call<T>(path: string, body?: object, headers: Record<string, string> = {}): Promise<T> {
  const response = await fetch(new URL(path, stack.url), {
    signal: AbortSignal.timeout(90_000),
    headers: stack.headers,
    ...(body !== undefined && {
      method: 'POST',
      headers: { ...stack.headers, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }),
  })
  assert.ok(response.ok, `${path} answered ${response.status}: ${await response.clone().text()}`)
  return (await response.json()) as T
}

/** Follows the run's events, from the first one on, until one of this type has come. */
async function until(type: string): Promise<Event[]> {
  const response = await fetch(new URL(`/v1/runs/${runId}/events`, stack.url), {
    headers: { ...stack.headers, accept: 'text/event-stream' },
    signal: AbortSignal.timeout(90_000),
  })
  const events: Event[] = []
  for await (const entry of readEventStream(response.body ?? new ReadableStream())) {
    if (entry.id !== null) events.push(JSON.parse(entry.data))
    if (entry.event === type) break
  }
  assert.equal(events.at(-1)?.type, type)
  return events
}

/** The Temporal server's process group: the server, and the shell (with its own child) that stands between it and us. */
function groupOf({ pid }: ProcessIdentity): ProcessIdentity[] {
  const group = processGroup(pid)
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && processGroup(Number(entry)) === group)
    .flatMap((entry) => identify(Number(entry)) ?? [])
}

function processGroup(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]
  } catch {
    // It ended while we looked.
    return undefined
  }
}

async function kill(...identities: ProcessIdentity[]): Promise<void> {
  for (const { pid } of identities) process.kill(pid, 'SIGKILL')
  await once(stack.child, 'exit')
  for (const identity of identities) while (isRunning(identity)) await new Promise(setImmediate)
}

function myself(): ProcessIdentity {
  const identity = identify(Number(stack.child.pid))
  assert.ok(identity)
  return identity
}

describe('npm start', { skip: process.platform !== 'linux' && 'looks into /proc' }, () => {
  it('brings everything up from nothing and answers a run', async () => {
    stack = await startStackProcess(dataDir)
    assert.match(stack.output(), /Models +scripted/)
    const run = await call<Run>('/v1/runs', { agent: 'assistant', input: 'Hello' }, { prefer: 'wait=60' })
    assert.equal(run.status, 'completed')
    assert.ok(run.output)
  })

  it('makes an admin key at its first start, shows it once, and keeps it where only its owner can read', () => {
    const path = join(dataDir, 'admin-key')
    const key = readFileSync(path, 'utf8').trim()
    assert.match(stack.output(), new RegExp(`Admin key +${key}\\n`))
    assert.ok(stack.output().includes(`-H "authorization: Bearer ${key}"`))
    for (const file of [path, join(dataDir, 'secret')]) assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  it('keeps every file for its owner alone', () => {
    // Postgres writes this cache anew with a mode of its own; nobody else gets into its directory.
    const isCache = (name: string) => name.endsWith('pg_internal.init')
    const open = readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
      .concat('.')
      .filter((name) => !isCache(name) && (statSync(join(dataDir, name)).mode & 0o077) !== 0)
    assert.deepEqual(open, [])
  })

  it('lets nobody in without a key', async () => {
    assert.equal((await fetch(new URL('/v1/runs', stack.url))).status, 401)
    assert.equal((await fetch(new URL('/health', stack.url))).status, 200)
  })

  it('gives out and takes back keys while it runs, by the same command as when it does not', async () => {
    const keys = (...args: string[]) =>
      keysCommand({ HOLDFAST_DATA_DIR: dataDir, PORT: new URL(stack.url).port }, args)
    const made = (await keys('create', '--principal', 'eve', '--scope', 'runs:read'))
      .trim()
      .split('\n')
      .at(-1)
    const ask = () => fetch(new URL('/v1/runs', stack.url), { headers: { authorization: `Bearer ${made}` } })
    assert.equal((await ask()).status, 200)
    assert.match(await keys('list'), / eve +runs:read .* valid$/m)
    assert.match(await keys('revoke', String(made?.slice(3, 15))), / eve .* revoked /)
    const revokedAt = performance.now()
    while ((await ask()).status === 200) assert.ok(performance.now() - revokedAt < 5_000)
  })

  it('shows how many calls its worker has at once', async () => {
    const workersOf = async () =>
      (
        await call<{ data: { workers: { limit: number; in_flight: number }[] }[] }>('/v1/providers')
      ).data.flatMap(({ workers }) => workers)
    const askedAt = performance.now()
    let workers = await workersOf()
    while (workers.length === 0) {
      assert.ok(performance.now() - askedAt < 2 * PRESENCE.everyMs, 'no worker is shown')
      await delay(100)
      workers = await workersOf()
    }
    assert.ok(workers.every((one) => one.limit > 0 && one.in_flight === 0))
  })

  it('refuses a second stack on the same data directory, naming the first', async () => {
    const message = new RegExp(`Another stack runs on .* \\(process ${stack.child.pid}\\)`)
    await assert.rejects(startStackProcess(dataDir), message)
  })

  it('stops within 10 s on Ctrl-C and leaves nothing running', async () => {
    const temporal = stack.temporal()
    const { code, tookMs } = await stack.interrupt()
    assert.equal(code, 0, stack.output())
    assert.ok(tookMs < 10_000, `took ${tookMs} ms`)
    assert.ok(!isRunning(temporal))
    assert.equal(portHolder(Number(new URL(stack.url).port)), null)
    assert.ok(!existsSync(join(dataDir, 'lock')))
    assert.ok(!existsSync(join(dataDir, 'temporal.json')))
  })

  it('says once what a model lacks, in the banner', async () => {
    const cwd = temporaryDirectory()
    writeFileSync(join(cwd, '.env'), 'OPENAI_API_KEY=no-call-is-made-with-it\n')
    const command = [
      '--conditions=source',
      resolve('src/cli/main.ts'),
      'dev',
      resolve('examples/shop/app.ts'),
    ]
    stack = await startStackProcess(dataDir, {}, { command, cwd })
    const output = stack.output()
    assert.equal((await stack.interrupt()).code, 0)
    assert.equal(output.match(/anthropic has no key/g)?.length, 1, output)
    assert.match(output, /^ +Models +openai\n +anthropic has no key/m)
  })

  it('is ready again in less than 20 s, with what was there', async () => {
    stack = await startStackProcess(dataDir)
    assert.ok(stack.startedInMs < 20_000, `took ${stack.startedInMs} ms`)
    assert.doesNotMatch(stack.output(), /hf_/)
    assert.match(stack.output(), /Admin key +in .*admin-key/)
    const { data } = await call<{ data: Run[] }>('/v1/runs')
    assert.deepEqual(
      data.map(({ status }) => status),
      ['completed'],
    )
  })

  it('loses nothing when all of its processes are killed while a run waits for a person', async () => {
    runId = (await call<Run>('/v1/runs', EXAMPLE)).id
    await until('approval.requested')
    const temporal = stack.temporal()
    await kill(...groupOf(temporal), myself())
    assert.ok(!isRunning(temporal))

    stack = await startStackProcess(dataDir)
    assert.equal((await call<Run>(`/v1/runs/${runId}`)).status, 'requires_action')
  })

  it('stops the Temporal server that a killed stack has left running, and the run goes on to its end', async () => {
    const left = stack.temporal()
    await kill(...groupOf(left).filter(({ pid }) => pid !== left.pid), myself())
    assert.ok(isRunning(left))

    stack = await startStackProcess(dataDir)
    assert.ok(!isRunning(left))
    const waiting = await call<Run>(`/v1/runs/${runId}`)
    const [id] = waiting.required_action?.approvals ?? []
    const { arguments_sha256 } = await call<{ arguments_sha256: string }>(`/v1/approvals/${id}`)
    await call(`/v1/approvals/${id}/decision`, { decision: 'approve', arguments_sha256 })
    const events = await until('run.completed')
    const refunds = events.filter(
      ({ type, data }) => type === 'tool.completed' && data.tool === 'issue_refund',
    )
    assert.equal(refunds.length, 1)
    assert.equal((await stack.interrupt()).code, 0)
  })

  it('says what is wrong with its configuration, all at once, and starts nothing', async () => {
    await assert.rejects(startStackProcess(dataDir, { PORT: 'x', HOLDFAST_DATADIR: 'y' }), (error: Error) => {
      assert.match(error.message, /ended with 1.*HOLDFAST_DATADIR is not.*PORT is not/s)
      return true
    })
  })
})
