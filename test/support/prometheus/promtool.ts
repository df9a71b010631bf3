import { spawnSync } from 'node:child_process'
import { requirePrograms } from '../machine-programs.ts'

/** Runs promtool, and fails with what it says where it finds fault. `input` is its standard input. */
export function promtool(args: readonly string[], input = ''): string {
  requirePrograms('prometheus')
  const { status, stdout, stderr } = spawnSync('promtool', args, {
    input,
    encoding: 'utf8',
    maxBuffer: 67_108_864,
  })
  if (status !== 0) throw new Error(`promtool ${args.join(' ')}:\n${stdout}${stderr}`)
  return stdout
}
