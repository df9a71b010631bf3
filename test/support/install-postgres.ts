import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'

/**
 * Makes sure that Postgres' programs are on this machine: installs Debian's package where we may, and says what to do
 * where we may not.
 */
export function requirePostgresPrograms(): void {
  if (hasPostgres()) return
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    throw new Error(
      'The tests need a Postgres server and there is none on this machine. Install one (Debian: apt-get install postgresql), ' +
        'or set TEST_DATABASE_URL to one that tests may create databases on.',
    )
  }
  process.stdout.write('No Postgres on this machine: installing the package "postgresql", once.\n')
  apt('update')
  apt('install', '--yes', '--no-install-recommends', 'postgresql')
}

function hasPostgres(): boolean {
  return (
    globSync('/usr/lib/postgresql/*/bin/initdb').length > 0 ||
    spawnSync('initdb', ['--version'], { stdio: 'ignore' }).status === 0
  )
}

function apt(...args: string[]): void {
  const { status } = spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed`)
}
