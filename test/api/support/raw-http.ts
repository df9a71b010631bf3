import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** Sends bytes as they are and reads the answer until the server closes, or the answer says how long it is and is whole. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  const socket = connect({ host: '127.0.0.1', port })
  // The server may close while we are still sending; what counts is what it said.
  socket.on('error', () => socket.destroy())
  socket.setEncoding('utf8')
  socket.write(bytes)
  let received = ''
  for await (const chunk of socket) {
    received += chunk
    if (isWhole(received)) break
  }
  socket.destroy()
  return parse(received)
}

function isWhole(received: string): boolean {
  const [head = '', body] = received.split('\r\n\r\n', 2)
  const length = /content-length: (\d+)/i.exec(head)?.[1]
  return body !== undefined && length !== undefined && Buffer.byteLength(body) >= Number(length)
}

function parse(received: string): RawAnswer {
  const [head = '', body = ''] = received.split('\r\n\r\n', 2)
  const [statusLine = '', ...lines] = head.split('\r\n')
  const pairs = lines.map((line) => line.split(/:\s*/, 2) as [string, string])
  return { status: Number(statusLine.split(' ')[1]), headers: new Headers(pairs), body }
}
