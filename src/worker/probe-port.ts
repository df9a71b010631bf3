import { createServer } from 'node:net'

/**
 * Listens on a port for a moment, to see whether that is possible. By the time that it resolves another process may have taken it.
 *
 * @param port 0 finds a free one
 * @returns the port. Rejects with Node's error where it cannot be listened on
 */
export function probePort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port))
    })
  })
}
