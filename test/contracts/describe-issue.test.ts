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

test('of several objects that one is described whose constants and members fit best', () => {
  const type = z.enum(['image', 'file'])
  const part = z.union([
    z.strictObject({ type: z.literal('text'), text: z.string() }),
    z.strictObject({ type, file_id: z.string().regex(/^file_/) }),
    z.strictObject({ type, data: z.string().min(1), content_type: z.string() }),
  ])
  const pointersOf = (value: unknown) =>
    part
      .safeParse(value, { reportInput: true })
      .error?.issues.flatMap((issue) => describeIssue(issue).map(({ pointer }) => pointer))

  assert.deepEqual(pointersOf({ type: 'text', text: 1 }), ['/text'])
  assert.deepEqual(pointersOf({ type: 'image', file_id: 'bad' }), ['/file_id'])
  assert.deepEqual(pointersOf({ type: 'image', file_id: 'file_1', data: 'QUJD' }), ['/data'])
  assert.deepEqual(
    pointersOf({ type: 'image', file_id: 'file_1', data: 'QUJD', content_type: 'image/png' }),
    ['/file_id'],
  )
  assert.deepEqual(pointersOf({ type: 'image', data: '' }), ['/data', '/content_type'])
  assert.deepEqual(pointersOf({ type: 'image' }), ['/file_id'])
  assert.deepEqual(pointersOf({ type: 'image', text: 'a' }), ['/file_id', '/text'])
})
