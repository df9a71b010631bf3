import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isBusy, type Model, type ModelRun, type ModelThing, pick } from './model.ts'

/** An answer, whose body is for assertions. */
export interface Told {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: {
    readonly id?: string
    readonly code?: string
    readonly status?: string
    readonly enabled?: boolean
    readonly revoked_at?: string | null
  }
}

/** The API, asked by operation. Each answer is compared with what the document says of the operation. */
export type Ask = (
  operation: string,
  path?: Readonly<Record<string, string>>,
  body?: object,
  headers?: Readonly<Record<string, string>>,
) => Promise<Told>

type Command = fc.AsyncCommand<Model, Ask>

/** A step: when it can be taken, and what the API must then answer. */
function command(
  name: string,
  canBeTaken: (model: Model) => boolean,
  take: (model: Model, ask: Ask) => Promise<void>,
): Command {
  return { check: canBeTaken, run: take, toString: () => name }
}

function assertTold({ status, body }: Told, expected: number, code?: string): void {
  assert.deepEqual([status, body.code], [expected, code], JSON.stringify(body))
}

const idOf = ({ body }: Told) => body.id ?? assert.fail('the answer has no id')
const newRun = (told: Told, state: ModelRun['state']): ModelRun => ({
  id: idOf(told),
  state,
  messages: new Map(),
})
const choice = fc.nat(50)
const hasRuns = ({ runs }: Model) => runs.length > 0
const hasThreads = ({ threads }: Model) => threads.length > 0

const start = fc
  .record({ key: fc.constantFrom('a', 'b', 'c', null), input: fc.constantFrom('one', 'two') })
  .map(({ key, input }) =>
    command(
      `start(${key}, ${input})`,
      () => true,
      async (model, ask) => {
        const headers: Record<string, string> = key === null ? {} : { 'idempotency-key': key }
        const told = await ask('startRun', {}, { agent: 'assistant', input }, headers)
        const first = key === null ? undefined : model.started.get(key)
        if (first === undefined) {
          assertTold(told, 202)
          const run = newRun(told, 'under_way')
          model.runs.push(run)
          if (key !== null) model.started.set(key, { input, run })
        } else if (first.input === input) {
          assertTold(told, 200)
          assert.deepEqual([told.body.id, told.headers['idempotency-replayed']], [first.run.id, 'true'])
        } else assertTold(told, 422, 'idempotency_key_reused')
      },
    ),
  )

const message = fc
  .record({ at: choice, id: fc.constantFrom('m1', 'm2', 'm3'), content: fc.constantFrom('hey', 'ho') })
  .map(({ at, id, content }) =>
    command(`message(${at}, ${id}, ${content})`, hasRuns, async ({ runs }, ask) => {
      const run = pick(runs, at)
      const told = await ask('addRunMessage', { id: run.id }, { id, content })
      const first = run.messages.get(id)
      if (run.state === 'waiting') return assertTold(told, 409, 'turn_not_begun')
      if (run.state === 'cancelled') return assertTold(told, 409, 'run_ended')
      if (first !== undefined && first !== content) return assertTold(told, 422, 'idempotency_key_reused')
      assertTold(told, 202)
      run.messages.set(id, content)
    }),
  )

const cancel = choice.map((at) =>
  command(`cancel(${at})`, hasRuns, async ({ runs }, ask) => {
    const run = pick(runs, at)
    const told = await ask('cancelRun', { id: run.id })
    assertTold(told, 202)
    if (run.state === 'waiting') run.state = 'cancelled'
    assert.equal(told.body.status === 'cancelled', run.state === 'cancelled')
  }),
)

const topUp = choice.map((at) =>
  command(`topUp(${at})`, hasRuns, async ({ runs }, ask) => {
    const run = pick(runs, at)
    const told = await ask('changeRunBudget', { id: run.id }, { max_tokens: 50_000 })
    if (run.state === 'waiting') assertTold(told, 409, 'turn_not_begun')
    else if (run.state === 'cancelled') assertTold(told, 409, 'run_ended')
    else assertTold(told, 200)
  }),
)

const resume = choice.map((at) =>
  command(`resume(${at})`, hasRuns, async ({ runs }, ask) => {
    assertTold(await ask('resumeRun', { id: pick(runs, at).id }), 409, 'run_not_resumable')
  }),
)

const newThread = fc.constant(
  command(
    'newThread',
    () => true,
    async ({ threads }, ask) => {
      const told = await ask('createThread', {}, { title: 'A talk' })
      assertTold(told, 201)
      threads.push({ id: idOf(told), turns: [], isDeleted: false })
    },
  ),
)

const turn = fc.record({ at: choice, rejects: fc.boolean() }).map(({ at, rejects }) =>
  command(`turn(${at}, ${rejects ? 'reject' : 'enqueue'})`, hasThreads, async ({ threads, runs }, ask) => {
    const thread = pick(threads, at)
    const strategy = rejects ? 'reject' : 'enqueue'
    const body = { agent: 'assistant', input: 'Next', multitask_strategy: strategy }
    const told = await ask('startTurn', { id: thread.id }, body)
    if (thread.isDeleted) return assertTold(told, 404, 'not_found')
    if (rejects && isBusy(thread)) return assertTold(told, 409, 'thread_busy')
    assertTold(told, 202)
    const run = newRun(told, isBusy(thread) ? 'waiting' : 'under_way')
    thread.turns.push(run)
    runs.push(run)
  }),
)

const deleteThread = choice.map((at) =>
  command(`deleteThread(${at})`, hasThreads, async ({ threads }, ask) => {
    const thread = pick(threads, at)
    const told = await ask('deleteThread', { id: thread.id })
    if (thread.isDeleted) return assertTold(told, 404, 'not_found')
    if (isBusy(thread)) return assertTold(told, 409, 'thread_busy')
    assertTold(told, 200)
    thread.isDeleted = true
  }),
)

/** Steps of something that is made, looked at, switched and deleted. */
function lifeOf(
  list: 'webhooks' | 'schedules',
  { create, get, remove, body }: { create: string; get: string; remove: string; body: object },
  turn: (thing: ModelThing, on: boolean, ask: Ask) => Promise<Told>,
  isOn: (told: Told) => boolean,
): fc.Arbitrary<Command>[] {
  const has = (model: Model) => model[list].length > 0
  return [
    fc.constant(
      command(
        create,
        () => true,
        async (model, ask) => {
          const told = await ask(create, {}, body)
          assertTold(told, 201)
          model[list].push({ id: idOf(told), isOn: true, isGone: false })
        },
      ),
    ),
    fc.record({ at: choice, on: fc.boolean() }).map(({ at, on }) =>
      command(`${list}(${at}, ${on ? 'on' : 'off'})`, has, async (model, ask) => {
        const thing = pick(model[list], at)
        const told = await turn(thing, on, ask)
        if (thing.isGone) return assertTold(told, 404, 'not_found')
        assert.equal(told.status, 200)
        thing.isOn = on
        const seen = await ask(get, { id: thing.id })
        assert.deepEqual([isOn(told), isOn(seen)], [on, on])
      }),
    ),
    choice.map((at) =>
      command(`${remove}(${at})`, has, async (model, ask) => {
        const thing = pick(model[list], at)
        const told = await ask(remove, { id: thing.id })
        if (thing.isGone) return assertTold(told, 404, 'not_found')
        assert.equal(told.status, 200)
        thing.isGone = true
        assertTold(await ask(get, { id: thing.id }), 404, 'not_found')
      }),
    ),
  ]
}

const webhooks = lifeOf(
  'webhooks',
  {
    create: 'createWebhook',
    get: 'getWebhook',
    remove: 'deleteWebhook',
    body: { url: 'https://hooks.corp.example/', events: ['run.completed'] },
  },
  ({ id }, enabled, ask) => ask('changeWebhook', { id }, { enabled }),
  ({ body }) => body.enabled === true,
)

const schedules = lifeOf(
  'schedules',
  {
    create: 'createSchedule',
    get: 'getSchedule',
    remove: 'deleteSchedule',
    body: { timing: { type: 'cron', cron: '0 8 * * *' }, run: { agent: 'assistant', input: 'Morning' } },
  },
  ({ id }, on, ask) => ask(on ? 'resumeSchedule' : 'pauseSchedule', { id }),
  ({ body }) => body.status === 'active',
)

const keys: fc.Arbitrary<Command>[] = [
  fc.constant(
    command(
      'createKey',
      () => true,
      async (model, ask) => {
        const told = await ask('createKey', {}, { principal: 'bot', scopes: ['runs:read'] })
        assertTold(told, 201)
        model.keys.push({ id: idOf(told), isOn: true, isGone: false })
      },
    ),
  ),
  choice.map((at) =>
    command(
      `revokeKey(${at})`,
      (model) => model.keys.length > 0,
      async (model, ask) => {
        const key = pick(model.keys, at)
        const told = await ask('revokeKey', { id: key.id })
        assert.deepEqual([told.status, typeof told.body.revoked_at], [200, 'string'])
        key.isGone = true
      },
    ),
  ),
  choice.map((at) =>
    command(
      `rotateKey(${at})`,
      (model) => model.keys.length > 0,
      async (model, ask) => {
        const key = pick(model.keys, at)
        const told = await ask('rotateKey', { id: key.id })
        if (key.isGone) assertTold(told, 409, 'key_ended')
        else assertTold(told, 200)
      },
    ),
  ),
]

/** Sequences of steps in any order. */
export function sequences(): fc.Arbitrary<Iterable<Command>> {
  return fc.commands(
    [
      start,
      message,
      cancel,
      topUp,
      resume,
      newThread,
      turn,
      deleteThread,
      ...webhooks,
      ...schedules,
      ...keys,
    ],
    { maxCommands: 60, size: 'max' },
  )
}
