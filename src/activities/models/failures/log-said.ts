import type { Dependencies } from '../../dependencies.ts'
import type { ModelFailure } from './model-failure.ts'

/** Logs a provider's words about a failure, where the operator wants what is said: they may quote the prompt. */
export function logSaid(
  { logger, logsContent }: Pick<Dependencies, 'logger' | 'logsContent'>,
  about: object,
  { said }: ModelFailure,
): void {
  if (logsContent !== true || said === null) return
  logger.debug({ ...about, content: { error: said } }, 'what the provider has said')
}
