import { PROGRAMS, type ProgramName } from './programs.ts'

/** Does the command's work; resolves to the exit code. */
type Run = (args: readonly string[]) => Promise<number>

/** Each command's code is loaded when the command is given: `keys` has no use for a Temporal worker. */
export const COMMANDS = {
  dev: async (): Promise<Run> => (await import('./serve/dev.ts')).dev,
  api: async (): Promise<Run> => (await import('./serve/api.ts')).api,
  worker: async (): Promise<Run> => (await import('./serve/worker.ts')).worker,
  migrate: async (): Promise<Run> => (await import('./migrate/migrate.ts')).migrate,
  check: async (): Promise<Run> => (await import('./check/check.ts')).check,
  init: async (): Promise<Run> => (await import('./init/init.ts')).init,
  keys: async (): Promise<Run> => (await import('./keys/keys.ts')).keys,
  report: async (): Promise<Run> => (await import('./report/report.ts')).report,
  sign: async (): Promise<Run> => (await import('./sign/sign.ts')).sign,
  replay: async (): Promise<Run> => (await import('./replay/replay.ts')).replay,
  runs: program('runs'),
  approvals: program('approvals'),
  threads: program('threads'),
  usage: program('usage'),
  deploy: async (): Promise<Run> => (await import('./deploy/deploy.ts')).deploy,
  doctor: program('doctor'),
  demo: async (): Promise<Run> => (await import('./demo/demo.ts')).demo,
  completion: program('completion'),
} as const

export type CommandName = keyof typeof COMMANDS

function program(name: ProgramName): () => Promise<Run> {
  return async () => {
    const [build, { runProgram }] = await Promise.all([PROGRAMS[name](), import('./program.ts')])
    return (args) => runProgram(build(), args)
  }
}
