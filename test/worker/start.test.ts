import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** Starts a worker process with this environment and nothing else; it is to end by itself. */
function startWorker(environment: Record<string, string>) {
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      '--conditions=source',
      `${process.cwd()}/src/cli/main.ts`,
      'worker',
      `${process.cwd()}/examples/shop/app.ts`,
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

const NOWHERE = {
  DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
  TEMPORAL_ADDRESS: '127.0.0.1:9',
  HOLDFAST_SECRET: 's'.repeat(32),
}

test('a worker that could ask no model does not start, and says which keys it lacks', () => {
  const { status, stderr } = startWorker(NOWHERE)
  assert.equal(status, 1)
  assert.match(stderr, /Neither OPENAI_API_KEY nor ANTHROPIC_API_KEY is set/)
})

test('a worker without the secret that decisions are signed with does not start', () => {
  const { HOLDFAST_SECRET: _, ...without } = NOWHERE
  const { status, stderr } = startWorker({ ...without, OPENAI_API_KEY: 'k' })
  assert.equal(status, 1)
  assert.match(stderr, /HOLDFAST_SECRET is not set/)
})
