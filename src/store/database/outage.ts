/** Postgres' codes for stopping, starting, failing over, lack of resources and locks; codes of system calls for a server that is not there. */
const CODES = /^(08\w{3}|25006|28\w{3}|3D000|40001|40P01|53\w{3}|55P03|57P0\d|58\w{3}|E(?!RR_)[A-Z_]+)$/
/** Messages of the driver's own errors, which have no code. */
const MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed)/

/** Errors from the store's own connections. Their codes alone prove nothing: a tool that calls another service gets the same. */
const outages = new WeakSet<object>()

/** Remembers a statement's error if it is an outage, and returns it. */
export function statementFailed<E>(error: E): E {
  if (!(error instanceof Error)) return error
  const { code } = error as { code?: unknown }
  if ((typeof code === 'string' && CODES.test(code)) || MESSAGES.test(error.message)) outages.add(error)
  return error
}

/** Remembers the error of a connection that could not be opened: always an outage, since no statement was sent. */
export function connectionFailed<E>(error: E): E {
  if (error instanceof Error) outages.add(error)
  return error
}

/** True where the store did not answer, or was too busy to: the same request may succeed later. */
export function isOutage(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (outages.has(cause)) return true
  return false
}
