import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createHttpCaller } from '../../../src/local/test-system/http-caller.ts'
import { startScriptedProvider } from '../../../src/testing/start-scripted-provider.ts'
import { type StackProcess, startStackProcess } from '../../support/stack-process.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { inProject, installProduct, packProduct, programOf, writeManifest } from './support/packed-product.ts'

/*
 * The product as users have it: packed, installed into a project outside the repository, and nothing but its command and its
 * exports.
 */

interface Run {
  readonly id: string
  readonly status: string
  readonly output?: string
}

const BROWSER = {
  strict: true,
  noEmit: true,
  target: 'es2024',
  lib: ['es2024', 'dom', 'dom.iterable'],
  types: [],
  module: 'esnext',
  moduleResolution: 'bundler',
  exactOptionalPropertyTypes: true,
}

const PAGE = `
import { createClient, HoldfastError, type Run } from 'holdfast/client'

const client = createClient({ url: location.origin, token: async () => sessionStorage.getItem('token') ?? '' })

export async function follow(run: Run, shown: HTMLElement): Promise<number> {
  for await (const event of client.runs.stream(run.id)) {
    if (event.type === 'model.delta') shown.append(event.text)
    if (event.type === 'approval.requested') shown.append(event.data.tool, event.data.expires_at)
    // @ts-expect-error: an event that tells of a tool has no text
    if (event.type === 'tool.completed') shown.append(event.text)
  }
  const { data } = await client.request('GET /v1/usage', { query: { group_by: 'model' } })
  // @ts-expect-error: the API groups by nothing like that
  await client.request('GET /v1/usage', { query: { group_by: 'moon' } })
  return data.reduce((sum, { cost_micro_usd }) => sum + cost_micro_usd, 0)
}

export const isOver = (error: unknown) => error instanceof HoldfastError && error.code === 'run_ended'
`

const directory = temporaryDirectory()
const project = join(directory, 'hotel')
let packed: string

before(async () => {
  packed = await packProduct(directory)
  cpSync(join(import.meta.dirname, 'app'), project, { recursive: true })
  writeManifest(project)
  await installProduct(project, packed)
})

const holdfast = (args: readonly string[], variables = {}) =>
  inProject(project, programOf(project, 'holdfast'), args, variables)

describe('an application on the packed product', () => {
  it('type-checks under strict settings, the declarations included', async () => {
    assert.deepEqual(await inProject(project, programOf(project, 'tsc'), ['-p', '.']), {
      code: 0,
      out: '',
      err: '',
    })
  })

  it('is refused by the compiler where a rule is about an argument that the tool does not have', async () => {
    const file = join(project, 'wrong.ts')
    const text = readFileSync(join(project, 'app.ts'), 'utf8')
    assert.ok(text.includes("argument: 'cents'"))
    writeFileSync(file, text.replace("argument: 'cents'", "argument: 'euros'"))
    const { code, out } = await inProject(project, programOf(project, 'tsc'), ['-p', '.'])
    assert.notEqual(code, 0)
    assert.match(out, /wrong\.ts\(\d+,\d+\): error TS\d+: .*"?euros/s)
    writeFileSync(file, '')
  })

  it('passes its check, which keeps the texts of published prompts', async () => {
    const first = await holdfast(['check', 'app.ts', '--update'])
    assert.equal(first.code, 0, first.err)
    assert.match(first.out, /^hotel can start\. Agents: reception v1, rules v1\.$/m)

    const file = join(project, 'app.ts')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('You are the cashier', 'You were the cashier'))
    const changed = await holdfast(['check', 'app.ts'])
    writeFileSync(file, text)
    assert.equal(changed.code, 1)
    assert.match(changed.err, /Prompt cashier\.v1 is published and differs/)
    assert.equal((await holdfast(['check', 'app.ts'])).code, 0)
  })

  it('passes its tests', async () => {
    const { code, out, err } = await inProject(project, process.execPath, ['--test', 'hotel.spec.ts'])
    assert.equal(code, 0, out + err)
    assert.match(out, /^ℹ pass 3$/m)
  })
})

describe('the client of the packed product', () => {
  it('type-checks in a browser’s project, which knows nothing of Node', async () => {
    const config = { compilerOptions: BROWSER, files: ['page.ts'] }
    writeFileSync(join(project, 'tsconfig.page.json'), JSON.stringify(config))
    writeFileSync(join(project, 'page.ts'), PAGE)
    const compiled = await inProject(project, programOf(project, 'tsc'), ['-p', 'tsconfig.page.json'])
    rmSync(join(project, 'page.ts'))
    assert.deepEqual(compiled, { code: 0, out: '', err: '' })
  })

  it('needs nothing but the language, fetch and timers', async () => {
    const names = "import('holdfast/client').then((client) => console.log(Object.keys(client).sort().join()))"
    const { out, err } = await inProject(project, process.execPath, ['-e', names])
    assert.equal(out, 'HoldfastError,createClient\n', err)
  })
})

describe('holdfast dev', () => {
  const dataDir = join(directory, 'data')
  let stack: StackProcess

  before(async () => {
    stack = await startStackProcess(
      dataDir,
      {},
      { cwd: project, command: [programOf(project, 'holdfast'), 'dev', 'app.ts'] },
    )
  })
  after(async () => {
    if (stack?.child.exitCode === null) await stack.interrupt()
  })

  const callerOf = (authorization: string) =>
    createHttpCaller(stack.url, authorization.replace('Bearer ', ''))

  it('names what a person opens next', () => {
    assert.match(stack.output(), /API docs +http:\S+\/docs$/m)
    assert.match(stack.output(), /Web UI +http:\S+\/namespaces\/default\/workflows$/m)
    assert.match(stack.output(), /"agent":"reception"/)
  })

  it('takes a run over a sub-agent and a handoff to an effect that a manager approves', async () => {
    const guest = callerOf(stack.headers.authorization)
    const made = await holdfast(
      [
        'keys',
        'create',
        '--principal',
        'mia',
        '--group',
        'managers',
        '--scope',
        'approvals:decide',
        '--scope',
        'approvals:read',
      ],
      { HOLDFAST_DATA_DIR: dataDir, PORT: new URL(stack.url).port },
    )
    const manager = callerOf(made.out.trim().split('\n').at(-1) ?? '')

    const run = await guest.post<Run>('/v1/runs', {
      agent: 'reception',
      input: 'May I have 60 euros back for B-1?',
    })
    const types: string[] = []
    for await (const { type, data } of guest.events(run.id)) {
      types.push(type)
      if (type !== 'approval.requested') continue
      const path = `/v1/approvals/${data['approval_id']}`
      const { arguments_sha256 } = await manager.get<{ arguments_sha256: string }>(path)
      const decision = { decision: 'approve', arguments_sha256 }
      await assert.rejects(guest.post(`${path}/decision`, decision), /answered 403/)
      await manager.post(`${path}/decision`, decision)
    }
    for (const type of ['sub_agent.completed', 'agent.handed_off', 'approval.decided'])
      assert.ok(types.includes(type), type)
    const ended = await guest.get<Run>(`/v1/runs/${run.id}`)
    assert.deepEqual([ended.status, ended.output], ['completed', 'You have 60 euros back.'])
  })

  it('asks the providers that .env names as soon as it is written', async () => {
    await using cleanup = new AsyncDisposableStack()
    const provider = await startScriptedProvider({ script: () => ({ text: 'From the real one.' }) })
    cleanup.defer(() => provider.close())
    const file = join(project, '.env')
    cleanup.defer(async () => {
      rmSync(file)
      await stack.says(/; models: scripted/)
    })
    writeFileSync(file, `OPENAI_API_KEY=key\nOPENAI_BASE_URL=${provider.url}/v1\n`)
    await stack.says(/\.env changed: the worker has started again \(.*\); models: openai at http/)
    const guest = callerOf(stack.headers.authorization)
    const run = await guest.post<Run>('/v1/runs', { agent: 'reception', input: 'Hello' })
    for await (const _ of guest.events(run.id));
    assert.equal((await guest.get<Run>(`/v1/runs/${run.id}`)).output, 'From the real one.')
  })

  it('restarts the worker when a file changes, and keeps it where the file does not load', async () => {
    const file = join(project, 'app.ts')
    const text = readFileSync(file, 'utf8')
    const guest = callerOf(stack.headers.authorization)
    const agents = async () =>
      (await guest.get<{ data: { name: string; version: string }[] }>('/v1/agents')).data.map(
        ({ name, version }) => `${name} ${version}`,
      )
    writeFileSync(file, `${text}\nconst broken: number = `)
    await stack.says(/app\.ts changed, and the worker stays as it was:\n\napp\.ts could not be loaded:/)
    assert.deepEqual(await agents(), ['reception v1', 'rules v1'])

    writeFileSync(file, text.replace("name: 'rules',\n  version: 'v1'", "name: 'rules',\n  version: 'v2'"))
    await stack.says(/app\.ts changed: the worker has started again/)
    assert.deepEqual(await agents(), ['reception v1', 'rules v2'])
    writeFileSync(file, text)
  })
})

describe('holdfast init', () => {
  it('writes a project that type-checks, passes its check and its test', async () => {
    const made = join(directory, 'my-agents')
    assert.equal((await holdfast(['init', made])).code, 0)
    await installProduct(made, packed)
    assert.deepEqual(await inProject(made, programOf(made, 'tsc'), []), { code: 0, out: '', err: '' })
    const check = await inProject(made, programOf(made, 'holdfast'), ['check', 'app.ts'])
    assert.equal(check.code, 0, check.err)
    const { code, out, err } = await inProject(made, process.execPath, ['--test', '**/*.test.ts'])
    assert.equal(code, 0, out + err)
    assert.match(out, /^ℹ pass 1$/m)
  })
})
