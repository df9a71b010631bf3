import type { Progress } from '../progress.ts'
import { RELEASE } from './release.ts'
import { runCommand } from './run-command.ts'

export interface BuildOptions {
  readonly target: string
  readonly env: NodeJS.ProcessEnv
  readonly progress: Progress
}

/**
 * Builds the release from its Go module, as pinned by `go.mod` and `go.sum` beside this file. Needs no C compiler. Takes
 * about three minutes on two cores when Go's own caches are empty, most of it compiling.
 *
 * @throws with code ENOENT where there is no Go; otherwise with the last lines that Go printed
 */
export async function buildBinary({ target, env, progress }: BuildOptions): Promise<void> {
  const began = performance.now()
  let modules = 0
  let packages = 0
  const onErrorLine = (line: string) => {
    if (line.startsWith('go: downloading')) modules += 1
    else packages += 1
    const seconds = Math.round((performance.now() - began) / 1000)
    progress.update(
      `Building Temporal ${RELEASE.version} from source, once: ${modules} modules, ${packages} packages, ${seconds} s`,
    )
  }
  const flags = [
    '-v',
    '-mod=readonly',
    '-buildvcs=false',
    `-ldflags=-s -w -X ${RELEASE.versionVariable}=${RELEASE.version}`,
    `-o=${target}`,
  ]
  await runCommand('go', ['build', ...flags, RELEASE.package], {
    cwd: import.meta.dirname,
    env: { ...env, CGO_ENABLED: '0', GOWORK: 'off' },
    onErrorLine,
  })
}
