import assert from 'node:assert/strict'
import { test } from 'node:test'
import { circles } from './circles.ts'
import { type Import, importsOf, sourceFiles } from './source-files.ts'

/** Who may import values from whom; types may be imported downwards as well (the second list). */
const RULES: Record<string, { readonly values: readonly string[]; readonly types: readonly string[] }> = {
  contracts: { values: [], types: [] },
  policies: { values: ['contracts'], types: [] },
  app: { values: ['contracts', 'policies', 'security'], types: [] },
  workflows: { values: ['contracts', 'policies'], types: ['activities'] },
  security: { values: ['contracts'], types: [] },
  store: { values: ['contracts', 'policies', 'security'], types: ['app'] },
  telemetry: { values: ['contracts', 'policies', 'store'], types: ['config'] },
  activities: { values: ['contracts', 'policies', 'app', 'security', 'store', 'telemetry'], types: [] },
  api: {
    values: ['contracts', 'policies', 'app', 'security', 'store', 'telemetry', 'workflows messages'],
    types: ['config'],
  },
  worker: {
    values: [
      'contracts',
      'policies',
      'app',
      'security',
      'store',
      'telemetry',
      'activities',
      'workflows messages',
    ],
    types: ['workflows', 'config'],
  },
  cli: {
    values: [
      'contracts',
      'policies',
      'app',
      'security',
      'store',
      'telemetry',
      'activities',
      'workflows messages',
      'api',
      'worker',
      'config',
      'local',
      'client',
    ],
    types: ['workflows'],
  },
  local: {
    values: [
      'contracts',
      'policies',
      'app',
      'security',
      'store',
      'telemetry',
      'activities',
      'workflows messages',
      'api',
      'worker',
      'config',
      'testing',
      'client',
    ],
    types: ['workflows'],
  },
  testing: { values: ['contracts', 'policies', 'activities'], types: [] },
  client: { values: [], types: [] },
  index: { values: ['app'], types: ['contracts'] },
  node: { values: ['api', 'local', 'worker'], types: [] },
  config: { values: ['contracts', 'policies'], types: ['app'] },
}

/** What applications load with their definitions: the schema library, and Node's own modules. */
const APP_PACKAGES = /^(zod$|node:)/

/** Rooms whose code also runs in the workflow sandbox, or says what does: no packages, no Node. */
const PURE = ['contracts', 'policies']
const SANDBOX_PACKAGES = ['@temporalio/workflow', '@temporalio/common']

/** Only these put processes together; they may read the configuration. */
const isMain = (file: string): boolean => /\/(main|start-api|start-worker|is-ready)\.ts$/.test(file)

/**
 * The entry point `holdfast/testing` exports the room and the test system, which is in `local`. It stands above both: no file of
 * the product imports it.
 */
const TESTING_DOOR = 'src/testing/index.ts'

function roomOf(file: string): string {
  const [, room = ''] = /^src\/([^/.]+)/.exec(file) ?? []
  return room
}

function allowed(from: string, { target, typeOnly }: Import): boolean {
  const room = roomOf(from)
  const other = roomOf(target)
  if (room === other) return true
  const rule = RULES[room]
  assert.ok(rule, `${from}: no rule for the room ${room}`)
  if (from === TESTING_DOOR && other === 'local') return true
  if (isMain(from) && ['config', 'telemetry'].includes(other)) return true
  if (other === 'workflows' && /\.messages\.ts$/.test(target) && rule.values.includes('workflows messages'))
    return true
  return rule.values.includes(other) || (typeOnly && rule.types.includes(other))
}

test('every import between rooms is one that the design allows', async () => {
  const wrong: string[] = []
  for (const file of await sourceFiles('src')) {
    for (const found of await importsOf(file)) {
      if (found.target.startsWith('src/') && !allowed(file, found)) wrong.push(`${file} → ${found.target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('rooms import each other in one direction, types included', async () => {
  const arrows = new Map<string, Set<string>>()
  for (const file of await sourceFiles('src')) {
    const from = file === TESTING_DOOR ? file : roomOf(file)
    for (const { target } of await importsOf(file)) {
      const to = target === TESTING_DOOR ? target : roomOf(target)
      if (to === '' || to === from) continue
      arrows.set(from, (arrows.get(from) ?? new Set()).add(to))
    }
  }
  assert.deepEqual(circles(arrows), [])
})

test('pure rooms take in no package, an application’s room zod and Node, and the sandbox only what Temporal gives it', async () => {
  const wrong: string[] = []
  for (const file of await sourceFiles('src')) {
    const room = roomOf(file)
    if (/\.schema\.ts$/.test(file)) continue
    for (const { target, typeOnly } of await importsOf(file)) {
      if (target.startsWith('src/') || typeOnly) continue
      if (PURE.includes(room)) wrong.push(`${file} → ${target}`)
      if (room === 'app' && !APP_PACKAGES.test(target)) wrong.push(`${file} → ${target}`)
      if (room === 'workflows' && !SANDBOX_PACKAGES.includes(target)) wrong.push(`${file} → ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('the reducer reads no table, so that none can change what a recorded run replays', async () => {
  const wrong: string[] = []
  for (const file of await sourceFiles('src/workflows/state')) {
    for (const { target, typeOnly } of await importsOf(file)) {
      if (!typeOnly && !/^src\/(contracts|workflows\/state)\//.test(target)) wrong.push(`${file} → ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('the rule notices an import that it forbids', () => {
  const forbidden: Import = { target: 'src/store/runs/runs.ts', typeOnly: false, dynamic: false }
  assert.equal(allowed('src/workflows/agent-run.ts', forbidden), false)
  assert.equal(
    allowed('src/api/server.ts', { ...forbidden, target: 'src/workflows/agent-run.ts', typeOnly: true }),
    false,
  )
  assert.equal(allowed('src/activities/models/call-model.ts', forbidden), true)
})
