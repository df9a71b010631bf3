import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestSystem } from 'holdfast/testing'
import app from './app.ts'

test('the agent looks a parcel up before it answers', async () => {
  await using system = await startTestSystem({ app })
  system
    .expectModelCall()
    .toSee('Where is my parcel P-1001?')
    .answer({ tool: 'find_parcel', arguments: { number: 'P-1001' } })
  system.expectModelCall().toSee('Leipzig').answer('It is in Leipzig and arrives tomorrow.')

  const run = await system.start({ agent: 'parcels', input: 'Where is my parcel P-1001?' })
  const { status, output } = await run.end()
  assert.equal(status, 'completed')
  assert.equal(output, 'It is in Leipzig and arrives tomorrow.')
})
