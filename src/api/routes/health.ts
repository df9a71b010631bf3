import { z } from 'zod'
import { HTTP } from '../../policies/api.ts'
import type { Api, ApiContext } from '../api-context.ts'
import { Problem } from '../problem.ts'
import { openProblems } from '../schemas/problem.schema.ts'

const health = z.strictObject({ status: z.literal('ok') })
const ready = z.strictObject({ status: z.literal('ready') })

const healthSchema = {
  operationId: 'getHealth',
  tags: ['service'],
  summary: 'The process lives; nothing else is touched',
  response: { 200: health },
}

const readySchema = {
  operationId: 'getReady',
  tags: ['service'],
  summary: 'Temporal and the store answer; no model is called',
  response: { 200: ready, ...openProblems() },
}

const config = { access: 'public' } as const

export function addHealth(api: Api, { database, workflows }: ApiContext): void {
  const missing = cached(HTTP.readyCacheMs, async () => {
    const checks = { temporal: workflows.ping(), store: withTimeout(database.ping()) }
    const results = await Promise.allSettled(Object.values(checks))
    return Object.keys(checks).filter((_, index) => results[index]?.status === 'rejected')
  })

  api.get('/health', { schema: healthSchema, config }, async () => ({ status: 'ok' as const }))

  api.get('/ready', { schema: readySchema, config }, async () => {
    const names = await missing()
    if (names.length === 0) return { status: 'ready' as const }
    throw new Problem('unavailable', {
      detail: `Not ready: ${names.join(' and ')} did not answer.`,
      errors: names.map((name) => ({ pointer: `/${name}`, detail: 'Did not answer.' })),
    })
  })
}

/** One check serves everybody who asks within `ms`, however many they are. */
function cached<T>(ms: number, load: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | null = null
  let goodUntil = 0
  return () => {
    if (value === null || performance.now() >= goodUntil) {
      goodUntil = performance.now() + ms
      value = load()
    }
    return value
  }
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('no answer in time')), HTTP.readyTimeoutMs)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
