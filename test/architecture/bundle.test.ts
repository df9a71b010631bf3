import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { bundleWorkflows } from '../../src/worker/workflow-bundle.ts'

const MOST_BYTES = 2_000_000
let code: string

before(async () => {
  ;({ code } = await bundleWorkflows())
})

test('the workflow bundle is at most 2 MB', (context) => {
  const bytes = Buffer.byteLength(code)
  context.diagnostic(`${bytes} bytes`)
  assert.ok(bytes <= MOST_BYTES, `${bytes} bytes`)
})

test('the workflow bundle copies objects by the language and not by helper functions', () => {
  assert.doesNotMatch(code, /_object_spread|_define_property/)
})

test('the workflow bundle holds no schema library, provider SDK, driver or Node built-in', () => {
  const modules = [...code.matchAll(/^\/\*\*\*\/ "([^"]+)"$/gm)].map(([, name]) => name ?? '')
  assert.ok(
    modules.some((name) => name.includes('src/workflows/agent-run.ts')),
    'no module names found',
  )
  const forbidden =
    /node_modules\/(zod|openai|@anthropic-ai|pg|fastify|pino|@opentelemetry)\/|^node:|src\/(activities|store|api|worker|telemetry|dev)\//
  assert.deepEqual(
    modules.filter((name) => forbidden.test(name)),
    [],
  )
})
