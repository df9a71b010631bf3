import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** Runs a command with this environment and nothing else; it is to end by itself. */
function start(command: 'api' | 'worker', environment: Record<string, string>) {
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      '--conditions=source',
      `${process.cwd()}/src/cli/main.ts`,
      command,
      `${process.cwd()}/test/support/office.ts`,
    ],
    {
      cwd: temporaryDirectory(),
      env: { PATH: process.env['PATH'], ...environment },
      encoding: 'utf8',
      timeout: 60_000,
    },
  )
  return { status, stderr }
}

const startWorker = (environment: Record<string, string>) => start('worker', environment)

const NOWHERE = {
  DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
  TEMPORAL_ADDRESS: '127.0.0.1:9',
  HOLDFAST_SECRET: 's'.repeat(32),
}

test('a worker that could ask no model does not start, and says which keys it lacks', () => {
  const { status, stderr } = startWorker(NOWHERE)
  assert.equal(status, 1)
  assert.match(
    stderr,
    /a worker could ask no model, since neither OPENAI_API_KEY nor ANTHROPIC_API_KEY is set/i,
  )
})

test('a worker without the secret that decisions are signed with does not start', () => {
  const { HOLDFAST_SECRET: _, ...without } = NOWHERE
  const { status, stderr } = startWorker({ ...without, OPENAI_API_KEY: 'k' })
  assert.equal(status, 1)
  assert.match(stderr, /HOLDFAST_SECRET is not set/)
})

test('an API and a worker without any of what they need name all of it at once', () => {
  const needed = {
    api: ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'HOLDFAST_SECRET'],
    worker: ['DATABASE_URL', 'TEMPORAL_ADDRESS', 'HOLDFAST_SECRET', 'OPENAI_API_KEY'],
  }
  for (const command of ['api', 'worker'] as const) {
    const { status, stderr } = start(command, {})
    assert.equal(status, 1, command)
    for (const name of needed[command]) {
      assert.match(stderr, new RegExp(`^  - .*${name}`, 'm'), `${command}: ${name}`)
    }
  }
})
