import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { childEnvironment } from '../../../../src/config/config.ts'
import { requirePrograms } from '../../../support/machine-programs.ts'

export interface ShellOptions {
  /** A directory for the shell's programs. */
  readonly directory: string
  readonly apiUrl: string
  /** A key that may do everything. */
  readonly key: string
  readonly databaseUrl: string
  /** Where the logs are: `api.log` and `worker.log`. */
  readonly logs: string
}

/** `holdfast`, as an installation has it on its PATH. */
const HOLDFAST = `#!/bin/bash
exec ${process.execPath} --conditions=source ${resolve('src/cli/main.ts')} "$@"
`

/**
 * The parts of `docker compose` that the runbooks use, for processes without containers: the logs of services, and commands in the containers of
 * Postgres and the API.
 */
const DOCKER = `#!/bin/bash
set -euo pipefail
case "$1 $2" in
  'compose logs')
    for word in "\${@:3}"; do
      case $word in api | worker) cat "$LOGS/$word.log" ;; esac
    done ;;
  'compose exec')
    case "\${*:3}" in
      'postgres psql -U postgres holdfast '*) exec psql "$DATABASE_URL" "\${@:8}" ;;
      'api holdfast '*) exec holdfast "\${@:5}" ;;
      *) echo "no such command in a container: \${*:3}" >&2; exit 1 ;;
    esac ;;
  *) echo "no such command: $*" >&2; exit 1 ;;
esac
`

export type Shell = (command: string) => Promise<string>

/** Runs commands as whoever is on call would paste them; resolves to what they print. */
export function createShell({ directory, apiUrl, key, databaseUrl, logs }: ShellOptions): Shell {
  requirePrograms('curl', 'jq', 'postgresql-client')
  const programs = join(directory, 'bin')
  mkdirSync(programs)
  for (const [name, script] of Object.entries({ holdfast: HOLDFAST, docker: DOCKER }))
    writeFileSync(join(programs, name), script, { mode: 0o755 })
  const environment = childEnvironment()
  const env = {
    ...environment,
    PATH: [programs, environment['PATH']].join(delimiter),
    URL: apiUrl,
    KEY: key,
    HOLDFAST_API_URL: apiUrl,
    HOLDFAST_API_KEY: key,
    DATABASE_URL: databaseUrl,
    LOGS: logs,
  }
  return async (command) => {
    const shell = promisify(execFile)('bash', ['-euo', 'pipefail', '-c', command], { env, timeout: 60_000 })
    return (await shell).stdout
  }
}
