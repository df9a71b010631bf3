import { Connection, isGrpcServiceError } from '@temporalio/client'
import type { TemporalConfig } from '../config/config.ts'
import { CommandError } from './command-error.ts'
import { EXIT } from './exit-codes.ts'

/** Status codes of gRPC. */
export const GRPC = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  failedPrecondition: 9,
  unimplemented: 12,
} as const

const ANSWERS_WITHIN_MS = 3_000

/**
 * A connection to the configured server; without an address, to that of the local stack.
 *
 * @throws CommandError where no server answers, or the server does not have the namespace
 */
export async function connectToTemporal(temporal: TemporalConfig): Promise<Connection> {
  const { tls, apiKey, namespace } = temporal
  const address = temporal.address ?? `127.0.0.1:${temporal.port}`
  const target = { address, tls, ...(apiKey !== null && { apiKey }), connectTimeout: ANSWERS_WITHIN_MS }
  const away = new CommandError(
    `No Temporal server answers at ${address}. Start the stack, or set TEMPORAL_ADDRESS.`,
    EXIT.unavailable,
  )
  const connection = await Connection.connect(target).catch(() => {
    throw away
  })
  try {
    await connection.withDeadline(Date.now() + ANSWERS_WITHIN_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    )
    return connection
  } catch (error) {
    await connection.close()
    if (grpcCodeOf(error) === GRPC.deadlineExceeded) throw away
    if (grpcCodeOf(error) !== GRPC.notFound) throw error
    throw new CommandError(
      `The Temporal server at ${address} has no namespace ${namespace}. Set TEMPORAL_NAMESPACE.`,
      EXIT.notFound,
    )
  }
}

/** The status code of a failed call; null for any other error. */
export function grpcCodeOf(error: unknown): number | null {
  return isGrpcServiceError(error) ? error.code : null
}
