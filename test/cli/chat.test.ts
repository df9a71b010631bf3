import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createClient, type HoldfastClient } from '../../src/client/index.ts'
import type { Script } from '../../src/testing/script.ts'
import { makeKey } from '../api/support/test-keys.ts'
import { requirePrograms } from '../support/machine-programs.ts'
import { PAY } from '../support/office/scripts.ts'
import { wordsOf } from '../support/office/words.ts'
import { type Environment, startEnvironment } from '../support/start-environment.ts'
import { holdfast } from './support/holdfast.ts'
import { startTalk } from './support/start-talk.ts'

/* A conversation as a process: piped, as scripts have it, and on a terminal. */

/** Repeats the latest words, and how many messages it was shown; pays where it is asked to. */
const script: Script = ({ messages }) => {
  const asked = messages.findLastIndex(({ role }) => role === 'user')
  const words = wordsOf(messages[asked] ?? { role: 'user', text: '' })
  if (words.startsWith('order') && asked === messages.length - 1)
    return { toolCalls: [{ tool: 'order', arguments: { thing: 'desk' } }] }
  if (words === 'pay both' && asked === messages.length - 1) return { toolCalls: [PAY, PAY] }
  if (words.startsWith('pay') && asked === messages.length - 1) return { toolCalls: [PAY] }
  if (words.startsWith('pay'))
    return { text: `Paid: ${wordsOf(messages.at(-1) ?? { role: 'user', text: '' })}` }
  return { text: `You said ${words}, message ${messages.length}.` }
}

/** Run, approval and thread, where a conversation ends since its turn waits. */
const WAITS =
  /^Run (run_\w+) waits for a decision on (apr_\w+)\. Decide with "holdfast approvals decide \2 approve"\. Follow it with "holdfast runs tail \1", then talk on with --thread (thr_\w+)\.$/m
const THREAD = /^Thread (thr_\w+), with (\w+)\.$/m

describe('holdfast threads chat', () => {
  let environment: Environment
  let client: HoldfastClient
  let variables: Record<string, string>

  before(async () => {
    requirePrograms('bsdutils')
    environment = await startEnvironment({ script, secret: 's'.repeat(32) })
    const key = await makeKey(environment.database, { principal: 'ann' })
    const { url } = environment.service
    client = createClient({ url, key: key.text })
    variables = { HOLDFAST_API_URL: url, HOLDFAST_API_KEY: key.text }
  })
  after(() => environment.close())

  const threads = async () => (await client.request('GET /v1/threads')).data.length
  const piped = (input: string, ...args: string[]) => holdfast(['threads', 'chat', ...args], variables, input)

  it('answers each line of stdin in turn, and goes on with a thread', async () => {
    const first = await piped('one\n\ntwo\n', '--agent', 'assistant')
    assert.deepEqual([first.code, first.out], [0, 'You said one, message 1.\nYou said two, message 3.\n'])
    const [, thread = '', agent] = THREAD.exec(first.err) ?? []
    assert.equal(agent, 'assistant')

    const second = await piped('three', '--thread', thread, '--json')
    assert.deepEqual([second.code, THREAD.exec(second.err)?.slice(1)], [0, [thread, 'assistant']])
    const run = JSON.parse(second.out)
    assert.deepEqual([run.thread_id, run.output], [thread, 'You said three, message 5.'])
  })

  it('begins a thread with the first message, and none without', async () => {
    const before = await threads()
    const silent = await piped('\n\n', '--agent', 'assistant')
    assert.deepEqual([silent.code, silent.out, THREAD.exec(silent.err)], [0, '', null])
    assert.match(silent.err, /^With assistant\. The thread begins with the first message\.$/m)
    assert.equal(await threads(), before)
    await piped('one\ntwo\n', '--agent', 'assistant')
    assert.equal(await threads(), before + 1)
  })

  it('leaves no thread, and tells of none, where the first turn is refused', async () => {
    const before = await threads()
    const refused = await piped('a\u0000b\ntwo\n', '--agent', 'assistant')
    assert.deepEqual([refused.code, refused.out, THREAD.exec(refused.err)], [4, '', null], refused.err)
    assert.equal(await threads(), before)
  })

  it('says of an agent that there is not which there are, and ends before a message', async () => {
    const before = await threads()
    const unknown = await piped('one\ntwo\n', '--agent', 'moon')
    assert.deepEqual([unknown.code, unknown.out], [4, ''])
    assert.match(unknown.err, /^There is no agent "moon"\. There are: .*assistant.*\n$/)
    const talk = startTerminal('moon')
    assert.equal(await talk.ended, 4)
    assert.match(talk.output(), /^There is no agent "moon"/)
    assert.equal(await threads(), before)
  })

  it('sends nothing with a key that may not read what comes of it', async () => {
    const { text } = await makeKey(environment.database, { principal: 'wes', scopes: ['runs:write'] })
    const blind = await holdfast(
      ['threads', 'chat', '--agent', 'assistant'],
      { ...variables, HOLDFAST_API_KEY: text },
      'one\n',
    )
    assert.deepEqual([blind.code, blind.out], [4, ''])
    assert.match(blind.err, /^A conversation reads its runs, and the key may not\. .*runs:read/)
    assert.deepEqual((await client.runs.list({ principal: 'wes' })).data, [])
  })

  it('says which lines were not sent that were written during a turn', async () => {
    const talk = startTerminal('clerk')
    await talk.until(/you> /)
    talk.write('pay\r')
    await talk.until(/n \[words\], or later> /)
    talk.write('later\r')
    await talk.until(/Ctrl-C leaves it as it is\./)
    talk.write('and then?\r')
    await talk.until(/and then\?/)
    talk.write('\x03')
    assert.equal(await talk.ended, 0)
    assert.match(talk.output(), /^Not sent: and then\?\r?$/m)
  })

  it('asks for approvals, which the next line decides', async () => {
    const paid = await piped('pay\nwhat?\ny\n', '--agent', 'clerk')
    assert.equal(paid.code, 0, paid.err)
    assert.match(paid.err, /^Say y, n \[words\], or later\.$/m)
    assert.match(paid.err, /^ {2}pay .*waits for approval \(rule .+\)$/m)
    assert.match(paid.out, /^Paid: /)
    assert.doesNotMatch(paid.out, /rejected/)

    const refused = await piped('pay\nn Not today.\n', '--agent', 'clerk')
    assert.match(refused.out, /^Paid: .*tool_rejected.*Not today\./)
  })

  it('ends where nobody is left to decide, and says how to go on', async () => {
    const left = await piped('pay', '--agent', 'clerk')
    assert.deepEqual([left.code, left.out], [14, ''])
    const [, run = '', approval = '', thread = ''] = WAITS.exec(left.err) ?? []
    assert.equal((await client.runs.get(run)).status, 'requires_action')

    const again = await piped('hello', '--thread', thread, '--json')
    assert.equal(again.code, 14)
    assert.deepEqual([JSON.parse(again.out).id, WAITS.exec(again.err)?.[2]], [run, approval])
    assert.equal((await client.runs.list({ thread_id: thread })).data.length, 1)

    await client.approvals.decide(await client.approvals.get(approval), { decision: 'approve' })
    assert.match((await client.runs.wait(run)).output ?? '', /^Paid: /)
    assert.equal((await piped('hello', '--thread', thread)).out, 'You said hello, message 5.\n')
  })

  it('ends where the API refuses the decision, and takes no further line', async () => {
    const refused = await piped('order\ny\nbye\n', '--agent', 'buyer', '--json')
    assert.equal(refused.code, 14)
    const [, run = ''] = WAITS.exec(refused.err) ?? []
    const { id, status, thread_id: thread = '' } = JSON.parse(refused.out)
    assert.deepEqual([id, status], [run, 'requires_action'])
    assert.equal((await client.runs.list({ thread_id: thread })).data.length, 1)
  })

  it('asks about all that waits before it ends for one that is left to others', async () => {
    const { code, err } = await piped('pay both\ny\nlater\n', '--agent', 'clerk')
    assert.equal(code, 14, err)
    const [, run = '', approval = ''] = WAITS.exec(err) ?? []
    const { data } = await client.approvals.list({ run_id: run })
    assert.deepEqual(data.map(({ id, status }) => [status, id === approval]).sort(), [
      ['approved', false],
      ['pending', true],
    ])
  })

  it('stops with the exit code of a turn that did not complete; an interrupt cancels the turn', async () => {
    const talk = startTalk(
      process.execPath,
      ['src/cli/main.ts', 'threads', 'chat', '--agent', 'clerk'],
      variables,
    )
    talk.write('pay\n')
    await talk.until(/waits for approval/)
    talk.child.kill('SIGINT')
    assert.equal(await talk.ended, 12)
    assert.match(talk.output(), /ended cancelled: cancel_requested/)
  })

  it('says what it was not told, and what there is not', async () => {
    const nobody = await piped('one\n')
    assert.equal(nobody.code, 2)
    assert.match(nobody.err, /--agent who answers: .*assistant/)
    assert.equal((await piped('one\n', '--thread', `thr_${'0'.repeat(26)}`)).code, 3)
    assert.equal((await piped('one\n', '--thread', 'thr_1')).code, 2)
  })

  it('on a terminal asks, answers, cancels a turn at Ctrl-C, goes on, and leaves at the second one', async () => {
    const talk = startTerminal('clerk')
    await talk.until(/you> /)
    talk.write('hello\r')
    await talk.until(/You said hello, message 1\./)
    talk.write('pay\r')
    await talk.until(/n \[words\], or later> /)
    talk.write('y\r')
    await talk.until(/approved by ann.*Paid: /s)
    talk.write('pay again\r')
    await talk.until(/n \[words\], or later> /)
    talk.write('\x03')
    await talk.until(/asked to stop.*ended cancelled: cancel_requested\..*you> /s)
    talk.write('still there?\r')
    await talk.until(/You said still there\?, message \d+\..*you> /s)
    talk.write('\x03')
    await talk.until(/Ctrl-C once more leaves\./)
    talk.write('\x03')
    assert.equal(await talk.ended, 0)
  })

  it('on a terminal waits for what others decide, and Ctrl-C then leaves the run as it is', async () => {
    const talk = startTerminal('clerk')
    await talk.until(/you> /)
    talk.write('pay\r')
    await talk.until(/n \[words\], or later> /)
    talk.write('later\r')
    await talk.until(/waits for a decision on (apr_\w+)\. Decide with "[^"]+"\. Ctrl-C leaves it as it is\./)
    const [, approval = ''] = /decision on (apr_\w+)\. Decide with/.exec(talk.output()) ?? []
    await client.approvals.decide(await client.approvals.get(approval), { decision: 'approve' })
    await talk.until(/Paid: .*you> /s)
    talk.write('\x04')
    assert.equal(await talk.ended, 0)

    // A decision that the API refuses, and an end of the input.
    for (const [agent, words, answer] of [
      ['buyer', 'order', 'y\r'],
      ['clerk', 'pay', '\x04'],
    ] as const) {
      const other = startTerminal(agent)
      await other.until(/you> /)
      other.write(`${words}\r`)
      await other.until(/n \[words\], or later> /)
      other.write(answer)
      await other.until(/waits for a decision on apr_\w+\. Decide with "[^"]+"\. Ctrl-C leaves it as it is\./)
      const [, run = ''] = /Run (run_\w+) waits for a decision/.exec(other.output()) ?? []
      other.write('\x03')
      assert.equal(await other.ended, 0)
      assert.equal((await client.runs.get(run)).status, 'requires_action')
    }
  })

  function startTerminal(agent: string) {
    // With `exec`, since a shell that waits would get the Ctrl-C as well, and its exit code would be the one that counts.
    const command = `exec ${process.execPath} src/cli/main.ts threads chat --agent ${agent}`
    return startTalk('script', ['--quiet', '--return', '--command', command, '/dev/null'], variables)
  }
})
