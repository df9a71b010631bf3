import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createClient } from 'holdfast/client'

export interface ChatOptions {
  /** Where pages and this backend reach the API. */
  readonly api: string
  /** A key with the scopes `runs:*` and `principals:act`. It stays here. */
  readonly key: string
  /** The only agent that pages may talk to. */
  readonly agent: string
  /** Who is signed in, by your own session; null: nobody. */
  readonly userOf: (request: IncomingMessage) => string | null
  /** The folder of the client's modules for pages. */
  readonly modules?: URL
}

/** The backend of a chat: it serves the page, and makes tokens for the thread of whoever is signed in. */
export function createChat({ api, key, agent, userOf, modules = CLIENT }: ChatOptions): Server {
  const client = createClient({ url: api, key })
  // Yours are in your database.
  const threads = new Map<string, Promise<{ id: string }>>()

  function threadOf(principal: string): Promise<{ id: string }> {
    const thread = threads.get(principal) ?? client.request('POST /v1/threads', { body: { principal } })
    threads.set(principal, thread)
    thread.catch(() => threads.delete(principal))
    return thread
  }

  async function newToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const principal = userOf(request)
    if (principal === null) return answer(response, 401)
    const { id: thread } = await threadOf(principal)
    const { token, expires_in } = await client.request('POST /v1/tokens', {
      body: { thread_id: thread, principal, write: true, agents: [agent] },
    })
    answer(response, 200, 'application/json', JSON.stringify({ api, agent, thread, token, expires_in }))
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/'] = (request.url ?? '/').split('?')
    if (request.method === 'POST' && path === '/token') return newToken(request, response)
    const [, module] = /^\/holdfast\/((?:\w[\w-]*\/)*\w[\w-]*\.js)$/.exec(path) ?? []
    if (module !== undefined) return send(response, new URL(module, modules), 'text/javascript')
    if (path === '/chat.js') return send(response, new URL('chat.js', import.meta.url), 'text/javascript')
    if (path === '/') return send(response, new URL('chat.html', import.meta.url), 'text/html; charset=utf-8')
    answer(response, 404)
  }

  return createServer((request, response) => {
    // Scripts of this server alone, and requests to it and the API: the second wall around the token.
    response.setHeader(
      'content-security-policy',
      `default-src 'self'; connect-src 'self' ${api}; img-src data:`,
    )
    handle(request, response).catch((error: unknown) => {
      console.error(error)
      answer(response, 502)
    })
  })
}

const CLIENT = new URL('.', import.meta.resolve('holdfast/client'))

async function send(response: ServerResponse, file: URL, type: string): Promise<void> {
  answer(response, 200, type, await readFile(file))
}

function answer(
  response: ServerResponse,
  status: number,
  type = 'text/plain',
  body: string | Buffer = '',
): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
}

if (import.meta.main) {
  const { HOLDFAST_API_URL: api = 'http://127.0.0.1:3000', HOLDFAST_API_KEY: key = '' } = process.env
  const { CHAT_AGENT: agent = 'thanks', CHAT_PORT: port = '5173' } = process.env
  const chat = createChat({ api, key, agent, userOf: () => 'ann' })
  chat.listen(Number(port), '127.0.0.1', () => console.log(`http://127.0.0.1:${port}`))
}
