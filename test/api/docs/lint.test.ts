import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { type OpenApiDocument, readOpenApiDocument } from '../../../scripts/client/openapi-document.ts'

/** Of Redocly's own set each finding counts, warnings too. None of its rules is left out. */
const RULES = {
  extends: ['recommended-strict'],
  rules: {
    'component-name-unique': 'error',
    'operation-4xx-problem-details-rfc7807': 'error',
    'operation-tag-defined': 'error',
    'parameter-description': 'error',
    'path-params-defined': 'error',
    'paths-kebab-case': 'error',
  },
} as const

let document: OpenApiDocument

before(async () => {
  document = await readOpenApiDocument()
})

/** What is wrong, as `rule: message (where)`. */
async function lint(checked: object): Promise<string[]> {
  const config = await createConfig({ ...RULES, extends: [...RULES.extends] })
  const found = await lintFromString({ source: JSON.stringify(checked), absoluteRef: 'openapi.json', config })
  return found.map(({ ruleId, message, location }) => `${ruleId}: ${message} (${location[0]?.pointer})`)
}

test('the document breaks no rule of Redocly', async () => {
  assert.deepEqual(await lint(document), [])
})

test('the check notices what is missing', async () => {
  const [path = '', methods = {}] = Object.entries(document.paths).find(([one]) => one === '/v1/runs') ?? []
  const broken = { ...methods['get'], operationId: undefined, security: undefined, tags: ['nothing'] }
  const found = await lint({ ...document, paths: { ...document.paths, [path]: { ...methods, get: broken } } })
  const rules = new Set(found.map((line) => line.split(':')[0]))
  for (const rule of ['operation-operationId', 'security-defined', 'operation-tag-defined']) {
    assert.ok(rules.has(rule), rule)
  }
})
