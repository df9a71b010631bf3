/** Postgres says these when it stops, starts, takes no more connections or can't lend a lock; Node when nobody is there. */
const CODES = /^(08\w{3}|53300|55P03|57P0[1-3]|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN)$/
/** The driver's own, which have no code. */
const MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/

/** True where the store did not answer at all, or was too busy to: the same request may well succeed in a moment. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  return (typeof code === 'string' && CODES.test(code)) || MESSAGES.test(error.message)
}
