interface UnusablePort {
  readonly host: string
  readonly port: number
  /** Node's. */
  readonly code: string | undefined
  readonly holder?: string
}

export const OTHER_API_PORT = 'Set PORT to another port, or HOST to another address.'

/**
 * What an operator is told of a port that cannot be listened on.
 *
 * @param advice which setting names another one
 */
export function unusablePortText(
  { host, port, code, holder = 'another process' }: UnusablePort,
  advice: string,
): string {
  const problem = code === 'EADDRINUSE' ? `is taken by ${holder}` : `cannot be listened on (${code})`
  return `Port ${port} of ${host} ${problem}. ${advice}`
}
