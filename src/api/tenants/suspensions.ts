import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { TENANTS } from '../../policies/tenants.ts'
import type { Database } from '../../store/database/database.ts'
import { listSuspended, TENANT_CHANNEL } from '../../store/tenants/tenants.ts'
import { repeat } from '../upkeep/repeat.ts'

/** The tenants that are suspended, kept in memory: no request asks the store about it. */
export interface Suspensions {
  isSuspended(tenant: string): boolean
  /** Resolves once this process knows what the store knows. */
  read(): Promise<void>
}

/** Reads them now, and again whenever the store notifies that one has changed. Closing the server ends that. */
export async function openSuspensions(
  server: FastifyInstance,
  database: Database,
  logger: FastifyBaseLogger,
): Promise<Suspensions> {
  let suspended: ReadonlySet<string> = new Set()
  let reading: Promise<void> = Promise.resolve()

  /** One after the other, so that an older answer never takes the place of a newer one. */
  function read(): Promise<void> {
    const next = reading.then(async () => {
      suspended = new Set(await listSuspended(database))
    })
    reading = next.catch(() => undefined)
    return next
  }

  function readBehind(): void {
    read().catch((error: unknown) =>
      logger.warn({ err: error }, 'could not read which tenants are suspended'),
    )
  }

  const stopListening = await database.listen(TENANT_CHANNEL, readBehind, readBehind)
  await read()
  const stopReading = repeat(TENANTS.rereadEveryMs, read, logger)
  server.addHook('onClose', async () => {
    await Promise.all([stopListening(), stopReading()])
    await reading
  })
  return { isSuspended: (tenant) => suspended.has(tenant), read }
}
