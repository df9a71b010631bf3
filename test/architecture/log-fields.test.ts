import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Logger, pino } from 'pino'
import { sourceFiles } from './source-files.ts'

/*
 * The compiler holds calls of a logger to the names (src/telemetry/logs/pino.d.ts). These tests hold the guide to the same names, and
 * find what a cast would hide from the compiler.
 */

const FIELDS = readFileSync('src/telemetry/logs/line-fields.ts', 'utf8')
const SHARED = [...FIELDS.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name = '']) => name)
const OTHERS = [...FIELDS.slice(FIELDS.indexOf('type OtherNames')).matchAll(/'(\w+)'/g)].map(
  ([, name = '']) => name,
)

/** The names of the fields that calls of a logger write down, `{ err: error, runId, ...about }`. */
function fieldsOf(source: string): string[] {
  const calls = source.matchAll(
    /\b(?:logger|log|upkeep)\??\.(?:trace|debug|info|warn|error|fatal)\(\s*\{([^{}]*)\}/g,
  )
  return [...calls].flatMap(([, fields = '']) =>
    fields
      .split(',')
      .map((field) => /^\s*(\w+)\s*(?::|$)/.exec(field)?.[1])
      .filter((name) => name !== undefined),
  )
}

test('the guide has every field that lines share', () => {
  const guide = readFileSync('docs/guides/logs.md', 'utf8')
  assert.ok(SHARED.length > 20, `${SHARED.length} fields`)
  assert.deepEqual(
    SHARED.filter((name) => !guide.includes(`\`${name}\``)),
    [],
  )
})

test('no call of a logger has another name for a field', async () => {
  let seen = 0
  const wrong: string[] = []
  for (const file of await sourceFiles('src')) {
    const source = readFileSync(file, 'utf8')
    if (!source.includes('logger') && !source.includes('.log.')) continue
    const names = fieldsOf(source)
    seen += names.length
    wrong.push(...names.filter((name) => OTHERS.includes(name)).map((name) => `${file}: ${name}`))
  }
  assert.ok(seen > 60, `only ${seen} fields were found`)
  assert.deepEqual(wrong, [])
})

test('the search finds a wrong name', () => {
  const source =
    "logger.warn({ err: error, run: run.id }, 'x')\nrequest.log.info({ ...about, workflow, step }, 'y')"
  assert.deepEqual(fieldsOf(source), ['err', 'run', 'workflow', 'step'])
})

test('the compiler refuses another name, also in fields that are made elsewhere', () => {
  const logger: Logger = pino({ level: 'silent' })
  const about = { workflow: 'w', step: 1 }
  // @ts-expect-error: it is `runId`.
  logger.info({ run: 'run_1' }, 'x')
  // @ts-expect-error: it is `workflowId`.
  logger.warn({ ...about }, 'x')
  // @ts-expect-error: a step is a number.
  logger.child({}).info({ step: '1' }, 'x')
  logger.info({ runId: 'run_1', step: 1, anything: 'else' }, 'x')
})
