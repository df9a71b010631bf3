import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { content } from '../../../src/api/files/content.schema.ts'

const image = (data: string) => [{ type: 'image', data, content_type: 'image/png' }]
const isTaken = (data: string) => content.safeParse(image(data)).success

test('base64 is taken as the pattern of the document says', () => {
  const pattern = /"pattern":("\^\(\?:\[A-Za-z0-9\+\/\][^"]*")/.exec(
    JSON.stringify(z.toJSONSchema(content)),
  )?.[1]
  assert.ok(pattern)
  const documented = new RegExp(JSON.parse(pattern))
  const letters = ['A', '/', '=', '*', '\n']
  let texts = ['']
  for (let length = 1; length <= 6; length += 1) {
    texts = texts.flatMap((text) => letters.map((letter) => text + letter))
    for (const text of texts) assert.equal(isTaken(text), documented.test(text), JSON.stringify(text))
  }
})

test('as much base64 as a body may have is checked in little time', () => {
  const data = 'ABCD'.repeat(2_900_000)
  const before = process.cpuUsage()
  assert.equal(isTaken(data), true)
  assert.equal(isTaken(`${data}AB==`), true)
  assert.equal(isTaken(`${data}AB*=`), false)
  const { user, system } = process.cpuUsage(before)
  assert.ok(user + system < 1_000_000, `${(user + system) / 1_000} ms`)
})
