import { spawnSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'

/** Programs of the machine that tests run, by Debian's package that has them. */
const PACKAGES = {
  postgresql: () => globSync('/usr/lib/postgresql/*/bin/initdb').length > 0 || runs('initdb'),
  'postgresql-client': () => runs('psql'),
  prometheus: () => runs('prometheus') && runs('promtool'),
  bsdutils: () => runs('script'),
  curl: () => runs('curl'),
  jq: () => runs('jq'),
  chromium: () => runs('chromium'),
} as const
type Package = keyof typeof PACKAGES

/**
 * Installs what is missing, where we may. The test run does it before any test begins, since two installations at once exclude each
 * other.
 */
export function installPrograms(): void {
  const missing = namesOfPackages().filter((name) => !PACKAGES[name]())
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return
  process.stdout.write(`Installing what the tests need of this machine, once: ${missing.join(', ')}\n`)
  apt('update')
  apt('install', '--yes', '--no-install-recommends', ...missing)
}

/** Fails the test that needs a package's programs where they could not be installed. */
export function requirePrograms(...names: readonly Package[]): void {
  const missing = names.filter((name) => !PACKAGES[name]())
  if (missing.length === 0) return
  throw new Error(
    `This test needs programs that are not on this machine. Debian: apt-get install ${missing.join(' ')}. Elsewhere, put what these packages have on the PATH.`,
  )
}

function namesOfPackages(): Package[] {
  return Object.keys(PACKAGES) as Package[]
}

function runs(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
}

function apt(...args: string[]): void {
  const { status } = spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    // Prometheus' package would start a server of its own on port 9090.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  })
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed`)
}
