import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { createClient, type HoldfastClient, type RunStreamEntry } from '../../../src/client/index.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { Script, ScriptedReply, ScriptedToolCall } from '../../../src/testing/script.ts'
import { get } from '../../api/support/post.ts'
import { LOOK_UP, MISS, PAY } from '../../support/office/scripts.ts'
import { firstWords } from '../../support/office/words.ts'
import { clerkPlan, officePlan } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'

/* What runs really tell, held against the schemas of the API's document. A run is known by the first word of its input. */

type Schema = { [keyword: string]: unknown }
interface Document {
  readonly components: {
    readonly schemas: Record<string, Schema> & {
      readonly RunStreamEntry: {
        readonly discriminator: { readonly propertyName: 'type'; readonly mapping: Record<string, string> }
      }
    }
  }
}

const REFUSED: ScriptedReply = { fault: { status: 401, body: { error: { message: 'no' } } } }
const TOO_LONG: ScriptedReply = {
  fault: { status: 400, body: { error: { code: 'context_length_exceeded', message: 'too long' } } },
}
const MINUTES = { tool: 'look_up', arguments: { key: 'minutes' } } as const
const DEAR = { inputTokens: 1_000, outputTokens: 500 }

let modelsAreAway = true
/** Of the long talk, of which the models are shown less and less. */
let minutesRead = 0

const seen = new Set<RunStreamEntry['type']>()

const script: Script = ({ messages, tools, model, body }) => {
  const words = firstWords(messages)
  const said = messages.filter(({ role }) => role === 'assistant').length
  const calls = (...toolCalls: ScriptedToolCall[]) => ({
    text: 'On it.',
    toolCalls,
  })
  switch (words.split(' ')[0]) {
    case 'pays':
    case 'cancelled':
    case 'rejected':
      return said === 0 ? calls(PAY) : { text: 'Paid.' }
    case 'team':
      if (tools.includes('handoff_to_billing'))
        return { toolCalls: [{ tool: 'handoff_to_billing', arguments: { reason: 'It costs money.' } }] }
      if (tools.includes('research') && messages.every(({ role }) => role !== 'tool' || said < 2))
        return { toolCalls: [{ tool: 'research', arguments: { task: 'team task' } }] }
      return { text: 'Looked into.' }
    case 'broken':
      return model.startsWith('gpt') ? REFUSED : { text: 'By another model.' }
    case 'away':
      return modelsAreAway ? REFUSED : { text: 'Back.' }
    case 'dear':
      return said < 4 ? { ...calls(MISS), usage: DEAR } : { text: 'Done.', usage: DEAR }
    case 'long':
      if (JSON.stringify(body).length > 16_000) return TOO_LONG
      minutesRead += 1
      return minutesRead <= 20 ? calls(MINUTES) : { text: 'Read.' }
    default:
      return said < 15 ? calls(LOOK_UP) : { text: 'Looked up.' }
  }
}

describe('the events of real runs', { concurrency: true }, () => {
  let environment: Environment
  let client: HoldfastClient
  let fits: (schema: string) => ValidateFunction
  /** The schema of each type, as the document says. */
  let schemaOf: Readonly<Record<string, string>>

  before(async () => {
    environment = await startEnvironment({ script })
    const { url } = environment.service
    client = createClient({ url })
    const document = (await get<Document>(`${url}/openapi.json`)).body
    const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
    ajv.addSchema({ $id: 'api', components: { schemas: closed(document.components.schemas) } })
    fits = (schema) => ajv.getSchema(`api${schema}`) ?? assert.fail(`no schema ${schema}`)
    schemaOf = document.components.schemas.RunStreamEntry.discriminator.mapping
  })
  after(() => environment.close())

  function assertFits(schema: string, value: unknown): void {
    const validate = fits(schema)
    const [error] = validate(value) ? [] : (validate.errors ?? [])
    assert.deepEqual(error, undefined, JSON.stringify(value))
  }

  /** Follows a run to its end. Each entry has to fit, and so has the page with the same events. */
  async function follow(id: string, react: (entry: RunStreamEntry) => unknown = () => undefined) {
    for await (const entry of client.runs.stream(id)) {
      seen.add(entry.type)
      assertFits(schemaOf[entry.type] ?? `for ${entry.type}`, entry)
      assert.ok(fits('#/components/schemas/RunStreamEntry')(entry))
      await react(entry)
    }
    const page = await client.request('GET /v1/runs/{id}/events', { path: { id }, query: { limit: 100 } })
    assert.ok(fits('#/components/schemas/EventPage')(page))
    return client.runs.get(id)
  }

  const plan = async (of: RunPlan, input: string) => (await environment.startPlan(of, input)).runId
  const decide = async (id: string, decision: 'approve' | 'reject') =>
    client.approvals.decide(await client.approvals.get(id), { decision, comment: 'Seen.' })

  test('fit where a person decides', async () => {
    for (const [words, decision] of [
      ['pays ann', 'approve'],
      ['rejected', 'reject'],
    ] as const) {
      const { status } = await follow(await plan(clerkPlan(), words), (entry) =>
        entry.type === 'approval.requested' ? decide(entry.data.approval_id, decision) : undefined,
      )
      assert.equal(status, 'completed')
    }
  })

  test('fit where the run is spoken to and cancelled', async () => {
    const id = await plan(clerkPlan(), 'cancelled')
    const { status } = await follow(id, ({ type }) =>
      type === 'approval.requested' ? client.runs.cancel(id) : undefined,
    )
    assert.equal(status, 'cancelled')

    const spoken = await plan(clerkPlan(), 'pays after a word')
    await follow(spoken, async (entry) => {
      if (entry.type !== 'approval.requested') return
      await client.runs.say(spoken, 'Hurry up.')
      await decide(entry.data.approval_id, 'approve')
    })
  })

  test('fit where a run is handed on, and starts a sub-agent', async () => {
    const id = await plan(officePlan('support'), 'team')
    const { status } = await follow(id, (entry) =>
      entry.type === 'sub_agent.started' ? follow(entry.data.child_run_id) : undefined,
    )
    assert.equal(status, 'completed')
  })

  test('fit where models fail, stay away and come back', async () => {
    assert.equal((await follow(await plan(clerkPlan(), 'broken'))).output, 'By another model.')
    const { output } = await follow(await plan(clerkPlan(), 'away'), ({ type }) => {
      if (type === 'models.away') modelsAreAway = false
    })
    assert.equal(output, 'Back.')
  })

  test('fit where a budget is reached and raised, or goes on cheaper, or ends the run', async () => {
    const start = (max: number, onReached: 'pause' | 'degrade' | 'finish') =>
      client.runs.start({
        agent: 'research',
        input: `dear ${onReached}`,
        budget: { max_cost_micro_usd: max, on_reached: onReached },
      })
    const { id } = await start(70_000, 'pause')
    const run = await follow(id, ({ type }) =>
      type === 'budget.reached' ? client.runs.budget(id, { add: { cost_micro_usd: 500_000 } }) : undefined,
    )
    assert.equal(run.status, 'completed')
    await follow((await start(70_000, 'degrade')).id)
    await follow((await start(70_000, 'finish')).id)
  })

  test('fit where a run ends at its limit of steps and is resumed', async () => {
    const { id } = await client.runs.start({ agent: 'research', input: 'steps' })
    assert.equal((await follow(id)).status, 'incomplete')
    await client.runs.resume(id)
    assert.equal((await follow(id)).status, 'completed')
  })

  test('fit where the transcript is compacted', async () => {
    assert.equal((await follow(await plan(clerkPlan(), 'long talk'))).output, 'Read.')
  })
})

/** What the runs above have told: without it, an event that no longer occurs would fit for ever. */
test('the runs have told of most that runs can tell', () => {
  const expected: RunStreamEntry['type'][] = [
    ...([
      'run.queued',
      'run.started',
      'run.completed',
      'run.incomplete',
      'run.cancelled',
      'run.resumed',
    ] as const),
    ...(['model.started', 'model.delta', 'model.completed', 'model.failed'] as const),
    ...(['models.away', 'models.returned', 'context.compacted'] as const),
    ...(['tool.started', 'tool.completed', 'tool.failed'] as const),
    ...(['approval.requested', 'approval.decided', 'message.received', 'cancel.requested'] as const),
    ...([
      'budget.reached',
      'budget.changed',
      'budget.resumed',
      'budget.degraded',
      'budget.finishing',
    ] as const),
    ...(['agent.handed_off', 'sub_agent.started', 'sub_agent.completed'] as const),
  ]
  assert.deepEqual(
    expected.filter((type) => !seen.has(type)),
    [],
  )
})

/** The document allows members that later releases add. Here none may come that it does not name. */
function closed<S>(schema: S): S {
  if (typeof schema !== 'object' || schema === null) return schema
  if (Array.isArray(schema)) return schema.map(closed) as S
  const members = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, closed(value)]))
  return (
    'properties' in schema && 'additionalProperties' in schema
      ? { ...members, additionalProperties: false }
      : members
  ) as S
}
