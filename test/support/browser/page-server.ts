import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface PageServer extends AsyncDisposable {
  /** The origin of its pages, which no other server has. */
  readonly origin: string
}

/** A server of an empty page, with the modules of this folder under `/client/`. */
export async function startPageServer(modules: URL): Promise<PageServer> {
  const server = createServer(async (request, response) => {
    const [, module] = /^\/client\/([\w/-]+\.js)$/.exec(request.url ?? '') ?? []
    const body =
      module === undefined
        ? '<!doctype html><title>A page</title><link rel="icon" href="data:,">'
        : await readFile(new URL(module, modules))
    response
      .writeHead(200, { 'content-type': module === undefined ? 'text/html' : 'text/javascript' })
      .end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
