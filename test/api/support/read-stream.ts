/** One entry of an event stream as it came. */
export interface Entry {
  readonly id: string | null
  readonly event: string
  readonly data: Record<string, unknown>
}

/** Entries of an open stream, comments left out. Leaving the loop closes the connection. */
export async function* readStream(url: string, headers: Record<string, string> = {}): AsyncGenerator<Entry> {
  const leave = new AbortController()
  const answer = await fetch(url, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: leave.signal,
  })
  if (answer.status === 204) return
  if (answer.status !== 200 || answer.body === null) throw new Error(`no stream but ${answer.status}`)
  try {
    let buffered = ''
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (buffered + chunk).split('\n\n')
      buffered = blocks.pop() ?? ''
      for (const block of blocks) if (!block.startsWith(':')) yield parse(block)
    }
  } finally {
    leave.abort()
  }
}

function parse(block: string): Entry {
  const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]))
  return {
    id: fields.get('id') ?? null,
    event: fields.get('event') ?? '',
    data: JSON.parse(fields.get('data') ?? '{}') as Record<string, unknown>,
  }
}
