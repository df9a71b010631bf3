import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logRefusals } from '../../../src/activities/traffic/refusal-log.ts'
import { CallRefused, FREE_PASS, type TrafficGate } from '../../../src/activities/traffic/traffic.ts'
import { callOf } from './support/calls.ts'

test('a thousand calls held back are two lines: when it began, and when none was for a while', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let nowMs = 0
  const lines: unknown[] = []
  const log = (level: string) => (about: object, text: string) => lines.push([level, about, text])
  const refusing: TrafficGate = {
    enter: async ({ model }) => {
      if (model === 'free') return FREE_PASS
      throw new CallRefused('model_limit_reached', 1_000, '60 requests a minute of openai')
    },
  }
  const gate = logRefusals(refusing, { warn: log('warn'), info: log('info') } as never, () => nowMs)
  const pass = (ms: number) => {
    nowMs += ms
    t.mock.timers.tick(ms)
  }
  for (let n = 0; n < 1_000; n += 1) {
    await assert.rejects(gate.enter(callOf()), CallRefused)
    await gate.enter(callOf({ model: 'free' }))
    pass(50)
  }
  const about = {
    provider: 'openai',
    model: 'gpt-test',
    code: 'model_limit_reached',
    limit: '60 requests a minute of openai',
  }
  const began = ['warn', { ...about, tenant: 'acme' }, 'model calls are held back']
  assert.deepEqual(lines, [began])
  pass(30_000)
  const ended = [
    'info',
    { ...about, count: 1_000, durationMs: 49_950 },
    'model calls are no longer held back',
  ]
  assert.deepEqual(lines, [began, ended])
  pass(60_000)
  assert.equal(lines.length, 2)
})
