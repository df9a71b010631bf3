import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { describeIssue } from '../../src/contracts/describe-issue.ts'

const body = z.strictObject({
  input: z.union([z.string().min(1), z.array(z.strictObject({ text: z.string() }))]),
})

function describe(value: unknown) {
  const { error } = body.safeParse(value, { reportInput: true })
  return (error?.issues ?? []).flatMap((issue) => describeIssue(issue))
}

test('what is not there at all is missing, whatever forms it may have', () => {
  assert.deepEqual(describe({}), [{ pointer: '/input', detail: 'Missing.' }])
  assert.deepEqual(describe({ input: 4 }), [{ pointer: '/input', detail: 'Has none of the allowed forms.' }])
})

test('of several forms that one is described which the outermost type fits', () => {
  assert.deepEqual(describe({ input: '' }), [
    { pointer: '/input', detail: 'Must be at least 1 character long.' },
  ])
  assert.deepEqual(describe({ input: [{ text: 1 }] }), [
    { pointer: '/input/0/text', detail: 'Must be a string.' },
  ])
})
