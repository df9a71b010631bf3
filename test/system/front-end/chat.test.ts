import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { createChat } from '../../../examples/chat/server.ts'
import type { ApprovalResource } from '../../../src/api/approvals/approval.schema.ts'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import { get } from '../../api/support/post.ts'
import { makeKey } from '../../api/support/test-keys.ts'
import { writeClientModules } from '../../support/browser/client-modules.ts'
import { type OpenBrowser, type OpenPage, openBrowser } from '../../support/browser/open-browser.ts'
import { PAY } from '../../support/office/scripts.ts'
import { wordsOf } from '../../support/office/words.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { until } from '../../support/until.ts'
import { createCaller } from '../runs/support/caller.ts'

/* The chat of docs/guides/front-end.md, as its files are in examples/chat, in Chromium. */

const HOSTILE = `<img src="x" onerror="document.title = 'taken'"><script>document.title = 'taken'</script>`
const FILES = ['server.ts', 'chat.html', 'chat.js']

const directory = temporaryDirectory()
const cleanup = new AsyncDisposableStack()
let environment: Environment
let browser: OpenBrowser
let chat: ReturnType<typeof createChat>
let url: string
let approver: { authorization: string }

/** The chat's origin has to be known to the API before the chat, which has to know the API: its port is chosen first. */
before(async () => {
  const modules = await writeClientModules(directory)
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  environment = await startEnvironment({
    secret: 'a secret of at least 32 characters.',
    callers: { tokens: null, corsOrigins: [url] },
    script: ({ messages }) => {
      const words = wordsOf(messages.at(-1) ?? { role: 'user', text: '' })
      if (words.includes('pay')) return { text: 'First somebody has to agree.', toolCalls: [PAY] }
      return { text: words.includes('attack') ? HOSTILE : `You said: ${words.slice(0, 60)}` }
    },
  })
  cleanup.defer(() => environment.close())
  const { database, service } = environment
  const { text: key } = await makeKey(database, {
    principal: 'backend',
    scopes: ['runs:*', 'principals:act'],
  })
  approver = (await makeKey(database, { principal: 'boss' })).headers
  chat = createChat({ api: service.url, key, agent: 'clerk', modules, userOf: () => 'ann' })
  await new Promise<void>((resolve) => chat.listen(port, '127.0.0.1', resolve))
  cleanup.defer(() => {
    chat.closeAllConnections()
    chat.close()
  })
  browser = cleanup.use(await openBrowser())
})
after(() => cleanup.disposeAsync())

async function freePort(): Promise<number> {
  const server = createChat({ api: '', key: '', agent: '', userOf: () => null })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** `fetch` would resolve `..` before it sends a path. */
async function statusOf(origin: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(origin)
  const [answer] = (await once(request({ hostname, port, path }).end(), 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode
}

const lines = async ({ page }: OpenPage, who: string) => page.locator(`li.${who}`).allTextContents()
const state = ({ page }: OpenPage) => page.locator('#state')

async function say({ page }: OpenPage, words: string): Promise<void> {
  await page.getByLabel('Your message').fill(words)
  await page.getByRole('button', { name: 'Send' }).click()
}

async function ended(open: OpenPage): Promise<void> {
  await state(open).filter({ hasText: 'completed' }).waitFor()
}

/** Approves the call that waits. */
async function approve(): Promise<void> {
  const { url } = environment.service
  const { body } = await get<{ data: ApprovalResource[] }>(`${url}/v1/approvals?status=pending`, approver)
  const [waiting] = body.data
  assert.ok(waiting !== undefined)
  await createCaller(url, approver).decide(waiting, { decision: 'approve' })
}

/** All lines from this message on, in the order in which they stand. */
async function linesFrom({ page }: OpenPage, message: string): Promise<string[]> {
  const all = await page.locator('#log li').allTextContents()
  return all.slice(all.indexOf(message))
}

describe('a chat in a front end', { concurrency: false }, () => {
  it('streams answers, shows tool calls and what waits for approval, and goes on after it', async () => {
    const open = await browser.open()
    await open.page.goto(url)
    await say(open, 'Please pay ann')
    await state(open).filter({ hasText: 'Waiting for somebody to approve: pay' }).waitFor()
    assert.deepEqual(await lines(open, 'model'), ['First somebody has to agree.'])

    await approve()
    await ended(open)
    assert.deepEqual(await lines(open, 'user'), ['Please pay ann'])
    const [started, paid, ...rest] = await lines(open, 'tool')
    assert.deepEqual([started, rest], ['pay …', []])
    assert.match(paid ?? '', /^pay: .*6000/)
    assert.equal((await lines(open, 'model')).length, 2)
    assert.deepEqual(open.errors, [])
  })

  it('shows what a model says as text, whatever it looks like', async () => {
    const open = await browser.open()
    await open.page.goto(url)
    await say(open, 'attack')
    await ended(open)
    assert.equal((await lines(open, 'model')).at(-1), HOSTILE)
    assert.equal(await open.page.locator('li img, li script').count(), 0)
    assert.equal(await open.page.title(), 'Chat')
  })

  it('has what was said before when it is opened again', async () => {
    const open = await browser.open()
    await open.page.goto(url)
    await until('all messages', async () => (await lines(open, 'user')).length === 2)
    assert.deepEqual(await lines(open, 'user'), ['Please pay ann', 'attack'])
    await until('all answers', async () => (await lines(open, 'model')).at(-1) === HOSTILE)
  })

  it('keeps a message that waits for the turn before it, also when it is opened again', async () => {
    const first = await browser.open()
    await first.page.goto(url)
    await say(first, 'Kindly pay ann')
    const waiting = 'Waiting for somebody to approve: pay'
    await state(first).filter({ hasText: waiting }).waitFor()
    await say(first, 'Are you there?')
    await state(first)
      .filter({ hasText: `${waiting} (1 more to come)` })
      .waitFor()

    const second = await browser.open()
    await second.page.goto(url)
    await state(second)
      .filter({ hasText: `${waiting} (1 more to come)` })
      .waitFor()
    const asked = ['Kindly pay ann', 'First somebody has to agree.', 'Are you there?']
    assert.deepEqual(await linesFrom(second, 'Kindly pay ann'), asked)

    await approve()
    for (const open of [first, second]) {
      await open.page.locator('#log li').last().filter({ hasText: 'You said: Are you there?' }).waitFor()
      await ended(open)
      const [paid, agree, started, , done, question, ...rest] = await linesFrom(open, 'Kindly pay ann')
      assert.deepEqual([paid, agree, started], ['Kindly pay ann', 'First somebody has to agree.', 'pay …'])
      assert.match(done ?? '', /^You said: /)
      assert.deepEqual([question, ...rest], ['Are you there?', 'You said: Are you there?'])
      assert.deepEqual(open.errors, [])
    }
  })

  it('asks for the next token before the one it has ends', async () => {
    const open = await browser.open()
    let given = 0
    await open.page.route('**/token', async (route) => {
      const answer = await route.fetch()
      const session = await answer.json()
      given += 1
      // The first is as good as over when it comes.
      await route.fulfill({
        response: answer,
        json: given === 1 ? { ...session, expires_in: 5 } : session,
      })
    })
    await open.page.goto(url)
    await say(open, 'Still there?')
    await ended(open)
    assert.equal(given, 2)
  })

  it('runs as the person who is signed in, with the token and its maker on the record', async () => {
    const { body } = await get<{ data: RunResource[] }>(`${environment.service.url}/v1/runs`, approver)
    assert.ok(body.data.length >= 3)
    for (const { principal, agent, started_by } of body.data) {
      assert.deepEqual([principal, agent, started_by?.type], ['ann', 'clerk', 'browser_token'])
      assert.equal(started_by?.principal, 'backend')
    }
  })

  it('makes no token for nobody, and serves no other file', async () => {
    const closed = createChat({ api: url, key: 'hf_none', agent: 'clerk', userOf: () => null })
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve))
    try {
      const origin = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`
      assert.equal((await fetch(`${origin}/token`, { method: 'POST' })).status, 401)
      for (const path of [
        '/server.ts',
        '/holdfast/../server.ts',
        '/holdfast/%2e%2e/chat.js',
        '/holdfast/x.ts',
      ]) {
        assert.equal(await statusOf(origin, path), 404, path)
      }
    } finally {
      await new Promise((resolve) => closed.close(resolve))
    }
  })
})

describe('the guide', () => {
  it('shows the files that were opened here', async () => {
    const guide = await readFile('docs/guides/front-end.md', 'utf8')
    for (const file of FILES) {
      const text = await readFile(`examples/chat/${file}`, 'utf8')
      assert.ok(guide.includes(text), file)
    }
  })
})
