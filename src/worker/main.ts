import { NativeConnection } from '@temporalio/worker'
import closeWithGrace from 'close-with-grace'
import { createAdmission } from '../activities/approvals/admission.ts'
import { type Config, ConfigError, loadConfig, requireServers } from '../config.ts'
import { PROVIDERS, type Provider } from '../contracts/model.ts'
import { createLogger } from '../logger.ts'
import { WORKER } from '../policies/worker.ts'
import { fingerprint } from '../security/signature.ts'
import { migrate } from '../store/database/migrate.ts'
import { openPostgres } from '../store/database/postgres.ts'
import { keepPresence } from '../store/processes/presence.ts'
import { createWorker } from './create-worker.ts'
import { installRuntime } from './install-runtime.ts'
import { shippedActivities } from './shipped-activities.ts'

/** A worker as a process of its own, on Postgres and a Temporal server that are there. */
async function main(): Promise<void> {
  const config = loadConfig()
  const { temporal, providers, pricesPath, dialectsPath, log } = config
  const missing = missingKeys(providers)
  const { databaseUrl, temporalAddress, signedWith } = requireServers(
    config,
    missing.length === PROVIDERS.length
      ? ['Neither OPENAI_API_KEY nor ANTHROPIC_API_KEY is set: a worker could ask no model']
      : [],
  )
  const admits = createAdmission(signedWith === null ? 'all' : { signedWith })
  const logger = createLogger(log)
  const { namespace, taskQueue, tls, apiKey } = temporal
  const database = openPostgres({ url: databaseUrl, logger })
  const activities = shippedActivities({ database, logger, providers, pricesPath, dialectsPath, admits })
  // Whatever is wrong with the configuration has shown by now: a runtime keeps its process alive.
  installRuntime(logger)

  await migrate(database)
  const connection = await NativeConnection.connect({
    address: temporalAddress,
    tls,
    ...(apiKey !== null && { apiKey }),
  })
  const worker = await createWorker({ connection, namespace, taskQueue, activities })

  const facts = {
    secret: signedWith === null ? null : fingerprint(signedWith),
    missingKeys: missing,
  }
  if (facts.missingKeys.length > 0) {
    logger.warn({ providers: facts.missingKeys }, 'no key for these providers: their models cannot be asked')
  }
  const presence = keepPresence(database, { kind: 'worker', taskQueue, facts, logger })

  const running = worker.run()
  const { close } = closeWithGrace(
    { delay: WORKER.shutdownForceMs + 1_000, logger: false },
    async ({ err }) => {
      if (err !== undefined) logger.fatal({ err }, 'stopping after an error')
      if (worker.getState() === 'RUNNING') worker.shutdown()
      await running.finally(async () => {
        await presence.stop()
        await connection.close()
        await database.close()
      })
    },
  )
  logger.info({ taskQueue, namespace }, 'worker runs')
  await running.catch(() => close())
}

function missingKeys(providers: Config['providers']): Provider[] {
  return PROVIDERS.filter((provider) => providers[provider] === null)
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : String(error)}\n`)
  process.exitCode = 1
})
