import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readApiLimits } from '../../../src/api/limits/read-api-limits.ts'
import { OperatorFileUnusable } from '../../../src/app/read-operator-file.ts'
import { API_LIMITS } from '../../../src/policies/api-limits.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const path = join(temporaryDirectory(), 'api-limits.json')

function read(content: unknown) {
  writeFileSync(path, JSON.stringify(content))
  return readApiLimits(path)
}

test('without a file everybody has the usual limits', () => {
  assert.deepEqual(readApiLimits(null)('acme'), API_LIMITS)
})

test('a row of the file takes the place of the usual one, and a tenant’s own the place of both', () => {
  const limitsOf = read({
    caller: { requestsPerMinute: 60, streams: null },
    tenants: { acme: { caller: { requestsPerMinute: 600 }, tenant: { concurrentRuns: 7 } } },
  })
  const { caller, tenant } = API_LIMITS
  assert.deepEqual(limitsOf('other'), { caller: { ...caller, requestsPerMinute: 60, streams: null }, tenant })
  assert.deepEqual(limitsOf('acme'), {
    caller: { ...caller, requestsPerMinute: 600, streams: null },
    tenant: { ...tenant, concurrentRuns: 7 },
  })
})

test('a tenant may be called like a member of every object', () => {
  assert.deepEqual(read({ tenants: {} })('constructor'), API_LIMITS)
})

test('a file with mistakes stops the start with all of them', () => {
  const wrong = {
    caller: { requestsPerMinute: 0, perHour: 3 },
    tenants: { acme: { tenant: { concurrentRuns: 1.5, streams: '5' } } },
  }
  assert.throws(
    () => read(wrong),
    (error) => {
      assert.ok(error instanceof OperatorFileUnusable)
      assert.match(error.message, /HOLDFAST_API_LIMITS/)
      assert.match(error.message, /caller\.requestsPerMinute is below 1/)
      assert.match(error.message, /perHour/)
      assert.match(error.message, /tenants\.acme\.tenant\.concurrentRuns is neither/)
      assert.match(error.message, /tenants\.acme\.tenant\.streams is neither/)
      return true
    },
  )
})
