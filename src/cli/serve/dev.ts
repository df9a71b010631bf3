import { loadApp } from '../../app/load-app.ts'
import { createAppLoader } from '../../local/dev/app-loader.ts'
import { restartOnChange } from '../../local/dev/restart-on-change.ts'
import { startLocal } from '../../local/start-local.ts'
import { readAppArguments } from '../app-argument.ts'

/** `holdfast dev [APP] [--no-watch]`: the whole stack, until a signal ends it. */
export async function dev(args: readonly string[]): Promise<number> {
  const { file, flags } = readAppArguments('dev', args, { 'no-watch': { type: 'boolean' } })
  if (flags['no-watch'] === true) {
    await startLocal(await loadApp(file), { file })
    return exitCode()
  }
  using loader = createAppLoader(file)
  await startLocal(await loader.load(), {
    file,
    whenUp: (stack, { dataDir }) =>
      restartOnChange({ loader, file, dataDir, stack, say: (text) => process.stdout.write(`${text}\n`) }),
  })
  return exitCode()
}

/** `startLocal` sets the process's exit code where the stack ended with an error. */
function exitCode(): number {
  return Number(process.exitCode ?? 0)
}
