/** Postgres says these when it stops, starts, fails over, has no room or can't lend a lock; a system call when nobody is there. */
const CODES = /^(08\w{3}|25006|28\w{3}|3D000|40001|40P01|53\w{3}|55P03|57P0\d|58\w{3}|E(?!RR_)[A-Z_]+)$/
/** The driver's own, which have no code. */
const MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed)/

/** Errors that the store's own connections have met. A tool that calls another service meets the same codes there. */
const met = new WeakSet<object>()

/** Notes what a statement has failed with, and gives it back. */
export function statementFailed<E>(error: E): E {
  if (!(error instanceof Error)) return error
  const { code } = error as { code?: unknown }
  if ((typeof code === 'string' && CODES.test(code)) || MESSAGES.test(error.message)) met.add(error)
  return error
}

/** The same for a connection that could not be had: whatever the reason is, nothing has been asked of the store. */
export function connectionFailed<E>(error: E): E {
  if (error instanceof Error) met.add(error)
  return error
}

/** True where the store did not answer at all, or was too busy to: the same request may well succeed later. */
export function isOutage(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (met.has(cause)) return true
  return false
}
