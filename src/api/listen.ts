import type { FastifyInstance } from 'fastify'
import { OTHER_API_PORT, unusablePortText } from '../contracts/processes/unusable-port.ts'

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
    throw new ApiPortUnusable(unusablePortText({ host, port, code }, OTHER_API_PORT), { cause })
  }
}
