import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { plainScript } from '../../../src/testing/plain-script.ts'
import { freePort } from '../../../src/worker/probe-port.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { createCaller } from '../runs/support/caller.ts'
import { historyFiles } from './history-files.ts'
import { type HistoryJson, MUTATIONS } from './support/mutations.ts'

/** How long a run that has ended may take to be found by a query. */
const VISIBLE_WITHIN_MS = 15_000

const directory = temporaryDirectory()
let environment: Environment
let workflowIds: readonly string[]
/** Finds the runs of this file alone. */
let query: string

before(async () => {
  environment = await startEnvironment({ script: plainScript })
  const caller = createCaller(environment.service.url)
  const { client, taskQueue } = environment.temporal
  // Other files may use the same Temporal server, and workflow ids come of keys.
  const keys = ['first', 'second', 'third'].map((key) => `${key}-${randomUUID()}`)
  workflowIds = keys.map((key) => `assistant/default/${key}`)
  for (const key of keys) {
    const { body } = await caller.start({ agent: 'assistant', input: 'Hi!' }, { 'idempotency-key': key })
    await caller.untilEnd(body.id)
  }
  query = `TaskQueue = '${taskQueue}'`
  for (const end = Date.now() + VISIBLE_WITHIN_MS; ; await delay(50)) {
    const { count } = await client.workflow.count(query)
    if (count === keys.length) break
    assert.ok(Date.now() < end, `${count} runs are visible`)
  }
})
after(() => environment.close())

interface Result {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

async function run(command: string, args: readonly string[], address: string): Promise<Result> {
  const child = spawn(command, args, {
    env: { ...process.env, TEMPORAL_ADDRESS: address, LOG_FORMAT: 'json' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const [code, out, err] = await Promise.all([exited, text(child.stdout), text(child.stderr)])
  return { code, out, err }
}

const replay = (args: readonly string[], address = environment.temporal.address) =>
  run(process.execPath, ['src/cli/main.ts', 'replay', ...args], address)

function committed(scenario: string): string {
  const file = historyFiles().find((candidate) => candidate.scenario === scenario)
  assert.ok(file)
  return file.path
}

function inDirectory(name: string, content: string): string {
  const path = join(directory, name)
  writeFileSync(path, content)
  return path
}

test('files replay with no server, by way of npm', async () => {
  const nobody = `127.0.0.1:${await freePort()}`
  const files = [committed('approved'), committed('waiting')]
  const { code, out } = await run('npm', ['run', '--silent', 'replay', '--', ...files], nobody)
  assert.equal(out, `  ok    ${files[0]}\n  ok    ${files[1]}\n2 replayed, 0 failed\n`)
  assert.equal(code, 0)
})

test('a workflow is found by its id', async () => {
  const [id = ''] = workflowIds
  const { code, out } = await replay([id])
  assert.equal(out, `  ok    ${id}\n1 replayed, 0 failed\n`)
  assert.equal(code, 0)
})

test('--recent replays the latest runs, as many as asked for', async () => {
  const { code, out } = await replay(['--recent', '2', '--query', query])
  const [, second, third] = workflowIds
  assert.equal(out, `  ok    ${third}\n  ok    ${second}\n2 replayed, 0 failed\n`)
  assert.equal(code, 0)

  const all = await replay(['--recent', '10', '--query', query])
  assert.match(all.out, /3 replayed, 0 failed/)
})

test('a history that does not replay is named, with what differs; the others are replayed all the same', async () => {
  const good = committed('finished')
  const history = JSON.parse(readFileSync(good, 'utf8')) as HistoryJson
  const bad = inDirectory('other.json', JSON.stringify(MUTATIONS[0]?.mutate(history)))
  const { code, out, err } = await replay([bad, good])
  const [first, problem, second, sum] = out.split('\n')
  assert.deepEqual([first, second, sum], [`  FAIL  ${bad}`, `  ok    ${good}`, '2 replayed, 1 failed'])
  assert.match(problem ?? '', /^ {8}\[TMPRL1100\] .*'somethingElse' does not match .*'callModel'$/)
  assert.equal(err, '')
  assert.equal(code, 1)
})

test('whatever cannot be replayed is said in one line, and the exit code is 2', async (t) => {
  const usage = /^Usage: holdfast replay FILE\|ID …/
  const noHistory = /holds no workflow history\. "temporal workflow show/
  const cases: readonly [string, readonly string[], RegExp, string?][] = [
    ['nothing asked for', [], usage],
    ['a number that is none', ['--recent', 'some'], usage],
    ['no number', ['--recent'], usage],
    ['an unknown option', ['--latest', '3'], usage],
    ['a file that is not there', ['none.json'], /^none\.json cannot be read \(ENOENT\)\.$/m],
    ['a file of something else', ['package.json'], noHistory],
    ['a file that is no JSON', [inDirectory('text.json', 'Dear diary')], noHistory],
    ['a history without events', [inDirectory('empty.json', '{"events":[]}')], noHistory],
    ['an unknown workflow', ['assistant/default/none'], /^There is no workflow with the id assistant/],
    [
      'a query of no sense',
      ['--recent', '1', '--query', 'Sense ='],
      /^Temporal does not understand the query/,
    ],
    [
      'a query that finds nothing',
      ['--recent', '1', '--query', "TaskQueue = 'none'"],
      /^There is nothing to/,
    ],
    ['no server', ['some/workflow'], /^No Temporal server answers at 127/, `127.0.0.1:${await freePort()}`],
  ]
  for (const [what, args, message, address] of cases) {
    await t.test(what, async () => {
      const { code, err } = await replay(args, address)
      assert.match(err, message)
      assert.equal(err.trimEnd().split('\n').length, 1, err)
      assert.equal(code, 2)
    })
  }
})
