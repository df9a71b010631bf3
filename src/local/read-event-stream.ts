/** One entry of an event stream (Server-Sent Events). */
export interface StreamEntry {
  readonly id: string | null
  readonly event: string
  readonly data: string
}

/** Reads a stream entry by entry; comments, which keep the connection alive, are left out. */
export async function* readEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEntry> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const entry = parse(block)
      if (entry !== null) yield entry
    }
  }
}

function parse(block: string): StreamEntry | null {
  const fields = new Map(block.split('\n').map((line) => splitField(line)))
  const data = fields.get('data')
  return data === undefined
    ? null
    : { id: fields.get('id') ?? null, event: fields.get('event') ?? 'message', data }
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(':')
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).trimStart()]
}
