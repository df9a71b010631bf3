import type { FastifyInstance } from 'fastify'

/** The API's port cannot be listened on: the operator has to name another one. */
export class ApiPortUnusable extends Error {
  override readonly name = 'ApiPortUnusable'
}

/**
 * @returns the URL of the server; port 0 has become a free one
 * @throws ApiPortUnusable
 */
export async function listen(
  server: Pick<FastifyInstance, 'listen'>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    return await server.listen({ host, port })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === undefined) throw cause
    const problem = code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be listened on (${code})`
    throw new ApiPortUnusable(
      `Port ${port} of ${host} ${problem}. Set PORT to another port, or HOST to another address.`,
      {
        cause,
      },
    )
  }
}
