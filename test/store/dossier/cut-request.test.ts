import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DOSSIER } from '../../../src/policies/operations/dossier.ts'
import { type CutRequest, cutRequest } from '../../../src/store/dossier/cut-request.ts'
import { joined, partsOf, readRope } from '../../../src/store/dossier/rope.ts'

/* What is stored of a request is put together again to the very text. */

const again = ({ rope, parts }: CutRequest) => joined(rope, parts)

const LONG = 'A word after the other. '.repeat(80)
const message = (n: number) => ({ role: n % 2 === 0 ? 'user' : 'assistant', content: `${n}: ${LONG}` })
const conversation = (length: number) =>
  JSON.stringify({
    model: 'm',
    messages: Array.from({ length }, (_, n) => message(n)),
    tools: [{ name: 'look_up', description: LONG }],
    stream: true,
  })

/** Bytes of what is stored of these requests, each part once. */
function storedBytes(requests: readonly string[]): number {
  const parts = new Set<string>()
  let bytes = 0
  for (const text of requests) {
    const cut = cutRequest(text)
    bytes += Buffer.byteLength(JSON.stringify(cut.rope))
    for (const [name, { body }] of cut.parts) {
      if (!parts.has(name)) bytes += Buffer.byteLength(body)
      parts.add(name)
    }
  }
  return bytes
}

describe('a request that is cut into parts', () => {
  for (const [what, text] of Object.entries({
    'a conversation': conversation(70),
    'one of a full group': conversation(DOSSIER.fanOut),
    'one of a full group of groups': conversation(DOSSIER.fanOut ** 2),
    'white space': JSON.stringify(JSON.parse(conversation(20)), null, 2),
    'quotation marks and backslashes': JSON.stringify({ input: [LONG, '"]}\\', `\\"${LONG}\\`, '\\\\"'] }),
    'braces in strings': JSON.stringify({ messages: [{ content: `{"a":[${LONG}` }, ']', '}'] }),
    'characters of two code units': JSON.stringify({ input: `${'😀'.repeat(700)}\u2028\u0000\ud800` }),
    'a conversation that is text': JSON.stringify({ model: 'm', input: LONG }),
    'keys of numbers, and twice the same key': '{"2":1,"1":2,"a":1,"a":2,"__proto__":{"messages":[1]}}',
    nothing: '',
    'an empty object': '{}',
    'empty lists': '{"messages":[],"input":{},"tools":[ ]}',
    'a list': JSON.stringify([LONG, LONG]),
    'no JSON': `{"messages":[${LONG}`,
    'JSON with something behind it': `${conversation(3)}\n`,
    'no key': '{1,2}',
  })) {
    it(`is the same again: ${what}`, () => {
      assert.equal(again(cutRequest(text)), text)
    })
  }

  it('is the same again, whatever the text is', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    const characters = ['{', '}', '[', ']', '"', '\\', ',', ':', 'a', ' ', '"messages":[', LONG]
    for (let n = 0; n < 5_000; n += 1) {
      const text = `{${Array.from({ length: random(30) }, () => characters[random(characters.length)]).join('')}`
      assert.equal(again(cutRequest(text)), text)
    }
  })

  it('is null where a part is missing', () => {
    const { rope, parts } = cutRequest(conversation(3))
    const [name = ''] = partsOf(rope)
    assert.equal(joined(rope, new Map([...parts].filter(([other]) => other !== name))), null)
  })

  it('names few parts, however long the conversation is', () => {
    const { rope } = cutRequest(conversation(1_000))
    assert.ok(partsOf(rope).length < 3 * DOSSIER.fanOut + 2, `${partsOf(rope).length}`)
  })

  it('shares its parts with the requests before it: storage grows with the conversation, and not with its square', () => {
    const requests = (steps: number) => Array.from({ length: steps }, (_, step) => conversation(2 * step + 1))
    const [short, long] = [storedBytes(requests(50)), storedBytes(requests(200))]
    assert.ok(long < 4.5 * short, `${short} bytes of 50 steps, ${long} of 200`)
    const sent = requests(200).reduce((sum, text) => sum + text.length, 0)
    assert.ok(long < sent / 50, `${long} of ${sent} bytes`)
  })

  it('stores a message once that is repeated with another mark on it', () => {
    const marked = { cache_control: { type: 'ephemeral' } }
    const content = { type: 'text', text: LONG }
    const before = JSON.stringify({ messages: [{ role: 'user', content: [{ ...content, ...marked }] }] })
    const after = JSON.stringify({ messages: [{ role: 'user', content: [content] }] })
    assert.ok(storedBytes([before, after]) < storedBytes([before]) + LONG.length / 2)
  })

  it('has parts whose ropes name only parts that it has', () => {
    const { parts } = cutRequest(conversation(600))
    for (const { isRope, body } of parts.values())
      if (isRope) for (const name of partsOf(readRope(body))) assert.ok(parts.has(name))
  })
})
