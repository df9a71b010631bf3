import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { openServices } from '../../src/app/environment/open-services.ts'
import { type App, defineAgent, defineApp, secret, setup } from '../../src/index.ts'
import { APP_TIMING } from '../../src/policies/app-timing.ts'

const SECRET = 'correct-horse-battery'

function appWith(env: z.ZodObject, services?: (given: { env: unknown }) => unknown): App {
  const own = setup({ env, ...(services !== undefined && { services }) })
  const agent = own.defineAgent({ name: 'desk', version: 'v1', instructions: 'You help.' })
  return own.defineApp({ name: 'desk', agents: [agent] })
}

const ENV = z.object({
  CORP_URL: z.url(),
  CORP_TOKEN: secret(),
  CORP_KEY: secret().min(40).optional(),
  CORP_RETRIES: z.coerce.number().default(2),
})

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'holdfast-secret-')), 'token')
  writeFileSync(path, text)
  return path
}

test('the environment names its variables, and which of them are secrets, whatever stands around them', () => {
  const { names, secrets } = appWith(ENV).environment
  assert.deepEqual(secrets, ['CORP_TOKEN', 'CORP_KEY'])
  assert.deepEqual(names, [...Object.keys(ENV.shape), 'CORP_TOKEN_FILE', 'CORP_KEY_FILE'])
})

test('values are validated, and defaults are there', () => {
  const read = appWith(ENV).environment.read({
    CORP_URL: 'http://corp.example',
    CORP_TOKEN: SECRET,
    PATH: '/bin',
  })
  assert.deepEqual(read, {
    env: { CORP_URL: 'http://corp.example', CORP_TOKEN: SECRET, CORP_RETRIES: 2 },
  })
})

test('a secret may come from a file, without the line break that an editor adds', () => {
  const variables = { CORP_URL: 'http://corp.example', CORP_TOKEN_FILE: file(`${SECRET}\n`) }
  const read = appWith(ENV).environment.read(variables)
  assert.ok('env' in read)
  assert.equal((read.env as { CORP_TOKEN: string }).CORP_TOKEN, SECRET)
})

test('all problems are said at once, and no value of a secret', () => {
  const read = appWith(ENV).environment.read({ CORP_URL: 'corp', CORP_KEY: SECRET, CORP_RETRIES: 'two' })
  assert.ok('problems' in read)
  assert.deepEqual(read.problems, [
    'CORP_URL: Invalid URL',
    'CORP_TOKEN is not set',
    'CORP_KEY: Too small: expected string to have >=40 characters',
    'CORP_RETRIES: Invalid input: expected number, received NaN',
  ])
})

test('a schema that quotes what it refuses does not give a secret away', () => {
  const env = z
    .object({ CORP_TOKEN: secret().refine(() => false, { error: ({ input }) => `${input} is old` }) })
    .refine(() => false, { error: ({ input }) => `${JSON.stringify(input)} do not go together` })
  const read = appWith(env).environment.read({ CORP_TOKEN: SECRET })
  assert.ok('problems' in read)
  assert.match(read.problems.join('\n'), /\[secret\] is old/)
  assert.ok(!read.problems.join('\n').includes(SECRET))
})

test('a file that is not there, and a secret that is said twice, are problems of their own', () => {
  const { environment } = appWith(ENV)
  const missing = environment.read({ CORP_URL: 'http://corp.example', CORP_TOKEN_FILE: '/nowhere/token' })
  assert.deepEqual(missing, {
    problems: ['CORP_TOKEN_FILE names a file that could not be read (ENOENT)'],
  })
  const twice = environment.read({
    CORP_URL: 'http://corp.example',
    CORP_TOKEN: SECRET,
    CORP_TOKEN_FILE: file(SECRET),
  })
  assert.deepEqual(twice, { problems: ['CORP_TOKEN and CORP_TOKEN_FILE are both set: one is enough'] })
})

test('an application without an environment reads nothing and has no services', async () => {
  const agent = defineAgent({ name: 'desk', version: 'v1', instructions: 'You help.' })
  const { environment } = defineApp({ name: 'desk', agents: [agent] })
  assert.deepEqual([environment.names, environment.read({ PATH: '/bin' })], [[], { env: {} }])
  await using outside = await environment.open({})
  assert.deepEqual([outside.env, outside.services], [{}, {}])
})

test('services are made of the environment, and disposed of by their members, the last one first', async () => {
  const log: string[] = []
  const { environment } = appWith(ENV, ({ env }) => ({
    first: { [Symbol.dispose]: () => log.push('first') },
    second: { [Symbol.asyncDispose]: async () => log.push('second') },
    env,
    plain: 3,
  }))
  const outside = await environment.open({ CORP_URL: 'u' })
  assert.deepEqual((outside.services as { env: unknown }).env, { CORP_URL: 'u' })
  assert.deepEqual(log, [])
  await outside[Symbol.asyncDispose]()
  await outside[Symbol.asyncDispose]()
  assert.deepEqual(log, ['second', 'first'])
})

test('services that say how they end themselves are asked, and their members are left to them', async () => {
  const log: string[] = []
  const { environment } = appWith(ENV, async () => ({
    pool: { [Symbol.dispose]: () => log.push('pool') },
    [Symbol.asyncDispose]: async () => log.push('all'),
  }))
  await (await environment.open({}))[Symbol.asyncDispose]()
  assert.deepEqual(log, ['all'])
})

test('one service that fails to end keeps none of the others from it', async () => {
  const log: string[] = []
  const { environment } = appWith(ENV, () => ({
    first: { [Symbol.dispose]: () => log.push('first') },
    second: {
      [Symbol.dispose]: () => {
        throw new Error('second is stuck')
      },
    },
  }))
  const outside = await environment.open({})
  await assert.rejects(async () => outside[Symbol.asyncDispose](), /second is stuck/)
  assert.deepEqual(log, ['first'])
})

test('services that cannot be made say why, with the line of the application', async () => {
  const { environment } = appWith(ENV, () => {
    throw new Error('no corp here')
  })
  await assert.rejects(environment.open({}), (error: Error) => {
    assert.equal(error.name, 'ServicesNotMade')
    assert.match(error.message, /^The application's services could not be made:\n {2}Error: no corp here\n/)
    assert.match(error.message, /at .*setup\.test\.ts:\d+/)
    assert.doesNotMatch(error.message, /open-services/)
    return true
  })
})

test('services that are never there hold a start up no longer than the limit', async () => {
  await assert.rejects(
    openServices({}, () => new Promise(() => undefined), 20),
    /could not be made:\n.*not there within 0\.02 s/,
  )
})

test('a context that is never resolved fails its request in time', async ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const agent = defineAgent({ name: 'desk', version: 'v1', instructions: 'You help.' })
  const app = defineApp({
    name: 'desk',
    agents: [agent],
    context: () => new Promise<Record<string, unknown>>(() => undefined),
  })
  const request = {
    caller: { tenant: 'default', principal: 'ann', groups: [] },
    metadata: {},
    now: new Date(0),
  }
  const resolving = app.context(request as never, { env: {}, services: {} })
  mock.timers.tick(APP_TIMING.contextMs)
  await assert.rejects(resolving, /The context of desk was not resolved within 10 s/)
})
