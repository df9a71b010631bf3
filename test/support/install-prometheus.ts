import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * Installs Debian's package with `prometheus` and `promtool`, once, where we may. The test run does it before any test begins, since two
 * installations at once exclude each other.
 */
export function installPrometheus(): void {
  if (hasPrometheus() || process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return
  process.stdout.write('No Prometheus on this machine: installing the package "prometheus", once.\n')
  apt('update')
  apt('install', '--yes', '--no-install-recommends', 'prometheus')
}

/** Fails a test that needs them where they could not be installed. */
export function requirePrometheus(): void {
  if (hasPrometheus()) return
  throw new Error(
    'This test needs the programs prometheus and promtool. Install them (Debian: apt-get install prometheus; ' +
      'elsewhere: https://prometheus.io/download/) and put them on the PATH.',
  )
}

function hasPrometheus(): boolean {
  return ['prometheus', 'promtool'].every(
    (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0,
  )
}

function apt(...args: string[]): void {
  const { status } = spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    // The package would start a server of its own on port 9090.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  })
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed`)
}
