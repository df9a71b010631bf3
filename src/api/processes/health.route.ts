import { z } from 'zod'
import { HTTP } from '../../policies/api.ts'
import { cached } from '../../telemetry/cached.ts'
import type { Api, ApiContext } from '../context.ts'
import { openProblems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import type { Readiness } from './readiness.ts'

const health = z.strictObject({ status: z.literal('ok') })
const finding = z.strictObject({ pointer: z.string(), detail: z.string() })
const ready = z.strictObject({
  status: z.literal('ready'),
  warnings: z.array(finding).optional().meta({
    description: 'What does not go on though requests are taken: no worker polls, a secret differs.',
  }),
})

const healthSchema = {
  operationId: 'getHealth',
  tags: ['service'],
  summary: 'The process lives; nothing else is touched',
  response: { 200: health, ...openProblems() },
}

const readySchema = {
  operationId: 'getReady',
  tags: ['service'],
  summary: 'Temporal and the store answer and have what runs need; no model is called',
  response: { 200: ready, ...openProblems() },
}

const STOPPING = {
  pointer: '/process',
  detail: 'It takes requests for some seconds more. Send them to another one.',
}

/** The check has failed, or takes too long. */
const NOT_SEEN: Readiness = {
  missing: [{ pointer: '/process', detail: 'Could not be looked at in time.' }],
  warnings: [],
}

const config = { access: 'public' } as const

export function addHealth(api: Api, { readiness, leaving }: ApiContext): void {
  const look = cached(readiness, { keptMs: HTTP.readyCacheMs, withinMs: HTTP.readyWithinMs })

  api.get('/health', { schema: healthSchema, config }, async () => ({ status: 'ok' as const }))

  api.get('/ready', { schema: readySchema, config }, async () => {
    if (leaving.aborted)
      throw new Problem('unavailable', {
        detail: 'Not ready: this process is about to stop.',
        errors: [STOPPING],
      })
    const { missing, warnings } = (await look()) ?? NOT_SEEN
    if (missing.length === 0) {
      return { status: 'ready' as const, ...(warnings.length > 0 && { warnings: [...warnings] }) }
    }
    const names = missing.map(({ pointer }) => pointer.slice(1))
    throw new Problem('unavailable', {
      detail: `Not ready: ${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} missing or did not answer.`,
      errors: [...missing],
    })
  })
}
