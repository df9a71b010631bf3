import { pick, type Random } from '../../../../src/testing/seeded.ts'

type Event = { readonly event: string | null; readonly data: unknown } | string
type Change = (events: Event[], random: Random) => void

/** What a provider, or a gateway before it, may make of a stream that was good. */
export function mutate(stream: string, random: Random): Uint8Array {
  const events = parse(stream)
  const changes = 1 + Math.floor(random() * 4)
  for (let n = 0; n < changes && events.length > 0; n += 1) pick(random, CHANGES)(events, random)
  const text = events.map(spell).join('')
  const bytes = new TextEncoder().encode(random() < 0.1 ? text.replaceAll('\n', '\r\n') : text)
  return random() < 0.15 ? damage(bytes, random) : bytes
}

/** The bytes in pieces of any size, so that no cut is where an event or a character ends. */
export function inPieces(bytes: Uint8Array, random: Random): ReadableStream<Uint8Array> {
  const most = pick(random, [3, 50, 1_000, 100_000])
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      // Not more than some dozens of pieces, since each takes its time.
      const size = Math.max(1 + Math.floor(random() * most), Math.floor(bytes.length / 50))
      controller.enqueue(bytes.subarray(at, at + size))
      at += size
    },
  })
}

function parse(stream: string): Event[] {
  return stream
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (data === undefined || data === '[DONE]') return `${block}\n\n`
      return { event: /^event: (.*)$/m.exec(block)?.[1] ?? null, data: JSON.parse(data) as unknown }
    })
}

function spell(event: Event): string {
  if (typeof event === 'string') return event
  const name = event.event === null ? '' : `event: ${event.event}\n`
  return `${name}data: ${text(event.data)}\n\n`
}

/** `JSON.stringify` can't spell what is nested very deep, or a number that JSON has and JavaScript has not. */
function text(value: unknown): string {
  if (value instanceof Raw) return value.text
  if (Array.isArray(value)) return `[${value.map(text).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}:${text(member)}`)
    .join(',')}}`
}

class Raw {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

const ODD: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1,
  () => 12.5,
  () => 1e15,
  () => new Raw('1e400'),
  () => '',
  () => ' \n\n',
  () => 'text',
  () => 'nul \u0000 and half \ud83d of a pair',
  () => '\\u0000 \\\\u0000 "quoted"',
  () => '{"a":1}',
  () => JSON.stringify('{"query":"in a string"}'),
  () => deep(200),
  () => new Raw(deep(200)),
  () => new Raw('['.repeat(5_000) + ']'.repeat(5_000)),
  () => [],
  () => [{ type: 'text', text: 'a part' }, 'a text', null, { type: 'thinking', thinking: [] }],
  () => ({}),
  () => ({ error: { message: 'foreign', code: '429' } }),
  () => JSON.parse('{"__proto__":{"a":1},"constructor":1,"toString":null}'),
  (random) => 'x'.repeat(Math.floor(random() * 300)),
  () => 'error',
  () => 'length',
  () => 'tool_calls',
  () => 'message',
]
const HUGE: readonly (() => unknown)[] = [() => 'y'.repeat(70_000), () => new Raw(deep(20_000))]

const INSERTED: readonly Event[] = [
  ': comment\n\n',
  'data: [DONE]\n\n',
  'data: {"half":\n\n',
  'data: no json\n\n',
  'data:\n\n',
  'event: error\ndata: {"message":"foreign words","code":"overloaded_error"}\n\n',
  'id: 7\nretry: 1000\n\n',
  '<html>Bad gateway</html>\n',
  { event: null, data: { error: { code: 429, message: `try again in ${'9'.repeat(310)}s` } } },
  { event: null, data: { error: 'words' } },
  {
    event: 'error',
    data: { type: 'error', error: { type: 'overloaded_error', message: 'z'.repeat(5_000) } },
  },
  { event: null, data: { type: 'response.failed', response: { error: { code: 'insufficient_quota' } } } },
  { event: null, data: { type: 'something.new', delta: { a: [1] } } },
  {
    event: null,
    data: { choices: [{ delta: { tool_calls: [{ index: 9, function: { arguments: '{}' } }] } }] },
  },
  { event: null, data: [] },
  { event: null, data: 7 },
]

const CHANGES: readonly Change[] = [
  // A value somewhere is another one, or is missing: most of what goes wrong.
  ...Array.from({ length: 6 }, (): Change => replaceValue),
  removeValue,
  removeValue,
  (events, random) => void events.splice(place(events, random), 1),
  (events, random) => void events.splice(place(events, random), 0, pick(random, INSERTED)),
  (events, random) => void events.splice(place(events, random), 0, structuredClone(pick(random, events))),
  (events, random) => void events.push(...events.splice(place(events, random), 1)),
  (events, random) => void events.splice(place(events, random)),
  (events) => {
    // Servers that name no event.
    for (const [at, event] of events.entries())
      if (typeof event !== 'string') events[at] = { ...event, event: null }
  },
]

function place(events: readonly Event[], random: Random): number {
  return Math.floor(random() * (events.length + 1))
}

function replaceValue(events: Event[], random: Random): void {
  const odd = random() < 0.01 ? HUGE : ODD
  change(events, random, (holder, key) => {
    holder[key] = pick(random, odd)(random)
  })
}

function removeValue(events: Event[], random: Random): void {
  change(events, random, (holder, key) => delete holder[key])
}

type Holder = Record<string | number, unknown>

/** Changes a field, in an event and at a depth that chance picks. */
function change(events: Event[], random: Random, at: (holder: Holder, key: string) => void): void {
  const event = pick(random, events)
  if (typeof event === 'string') return
  const fields: [Holder, string][] = []
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== 'object' || value instanceof Raw) return
    for (const key of Object.keys(value)) {
      fields.push([value as Holder, key])
      walk((value as Holder)[key])
    }
  }
  walk(event.data)
  if (fields.length > 0) at(...pick(random, fields))
}

/** Bytes that are lost, doubled or changed on the way. */
function damage(bytes: Uint8Array, random: Random): Uint8Array {
  const at = Math.floor(random() * bytes.length)
  switch (Math.floor(random() * 4)) {
    case 0:
      return bytes.slice(0, at)
    case 1:
      return bytes.slice(at)
    case 2:
      return Buffer.concat([bytes.slice(0, at), bytes.slice(Math.max(0, at - 40))])
    default: {
      const changed = bytes.slice()
      for (let n = 0; n < 5; n += 1) changed[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
      return changed
    }
  }
}
