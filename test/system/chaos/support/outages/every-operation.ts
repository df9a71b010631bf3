import type { OutageSystem } from './outage-system.ts'

/** One request to the API, and how it was answered. */
export interface Asked {
  /** As the API's document names it. */
  readonly operation: string
  readonly status: number
  readonly retryAfter: string | null
  readonly code: string | undefined
  readonly tookMs: number
}

interface Operation {
  readonly operationId: string
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> }
}
interface Schema {
  readonly $ref?: string
  readonly examples?: readonly object[]
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, Schema> }
}

/** What the requests name: made anew, since a request that was answered 503 may have been carried out. */
export interface Things {
  readonly runId: string
  readonly approval: { readonly id: string; readonly arguments_sha256: string }
  readonly threadId: string
  readonly scheduleId: string
  readonly webhookId: string
  readonly keyId: string
}

const AT_ONCE = 8
const START = { agent: 'clerk', input: 'Hello' }
const WEBHOOK = { url: 'https://hooks.corp.example/holdfast', events: ['run.completed'] }
const SCHEDULE = { timing: { type: 'interval', every_ms: 86_400_000 }, run: START }

type Call = (method: string, path: string, body?: object) => Promise<Response>

export function callerOf({ api, key }: Pick<OutageSystem, 'api' | 'key'>): Call {
  return (method, path, body) =>
    fetch(`${api.url}${path}`, {
      method,
      headers: { ...key, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
}

/** @param words to which the scripted model answers with a call that a person is asked about */
export async function makeThings(call: Call, words: string): Promise<Things> {
  const make = async (path: string, body: object) => {
    const answer = await call('POST', path, body)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as { readonly id: string }
  }
  const run = await make('/v1/runs', { ...START, input: words })
  const thread = await make('/v1/threads', {})
  const schedule = await make('/v1/schedules', SCHEDULE)
  const webhook = await make('/v1/webhooks', WEBHOOK)
  const key = await make('/v1/keys', { principal: 'bob', scopes: ['runs:read'] })
  const approval = await approvalOf(call, run.id)
  return {
    ...{ runId: run.id, threadId: thread.id, scheduleId: schedule.id, webhookId: webhook.id, keyId: key.id },
    approval,
  }
}

async function approvalOf(call: Call, runId: string): Promise<Things['approval']> {
  for (;;) {
    const page = (await (await call('GET', `/v1/approvals?status=pending&run_id=${runId}`)).json()) as {
      readonly data: readonly Things['approval'][]
    }
    const [found] = page.data
    if (found !== undefined) return found
    await call('GET', `/v1/runs/${runId}`)
  }
}

export async function readDocument(call: Call): Promise<Document> {
  return (await (await call('GET', '/openapi.json')).json()) as Document
}

/** Sends a request for each operation of the document, a few at a time. */
export async function askEverything(call: Call, document: Document, things: Things): Promise<Asked[]> {
  const waiting = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      operation,
    })),
  )
  const asked: Asked[] = []
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { path, method, operation } = next
      const began = performance.now()
      const answer = await call(method, fill(path, things), bodyOf(document, operation, things))
      const tookMs = Math.round(performance.now() - began)
      const code = answer.status >= 400 ? ((await answer.json()) as { code?: string }).code : undefined
      // An event stream is open for as long as its run.
      if (answer.status < 400) await answer.body?.cancel()
      const retryAfter = answer.headers.get('retry-after')
      asked.push({ operation: operation.operationId, status: answer.status, retryAfter, code, tookMs })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return asked
}

function fill(path: string, things: Things): string {
  const ids: Readonly<Record<string, string>> = {
    runs: things.runId,
    threads: things.threadId,
    schedules: things.scheduleId,
    approvals: things.approval.id,
    webhooks: things.webhookId,
    keys: things.keyId,
  }
  const others: Readonly<Record<string, string>> = {
    '{name}': 'clerk',
    '{day}': 'yesterday',
    '{period}': 'day',
    '{provider}': 'openai',
    '{model}': 'gpt-test',
    '{subject}': 'talker',
    '{scope}': 'agent',
    '{delivery_id}': 'dlv_01hzzzzzzzzzzzzzzzzzzzzzzz',
  }
  const resource = path.split('/')[2] ?? ''
  return path.replaceAll(/\{\w+\}/g, (name) => (name === '{id}' ? ids[resource] : others[name]) ?? name)
}

/** What the examples of the document do not fit. */
function bodyOf(document: Document, { operationId, requestBody }: Operation, things: Things) {
  const own: Readonly<Record<string, object>> = {
    startRun: START,
    startTurn: START,
    createSchedule: SCHEDULE,
    createWebhook: WEBHOOK,
    decideApproval: { decision: 'approve', arguments_sha256: things.approval.arguments_sha256 },
    cancelRun: {},
    resumeRun: {},
  }
  const schema = requestBody?.content['application/json']?.schema
  if (schema === undefined) return undefined
  const named =
    schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split('/').at(-1) ?? '']
  return own[operationId] ?? named?.examples?.[0] ?? {}
}
