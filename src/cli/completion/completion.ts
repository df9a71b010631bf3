import type { Command } from 'commander'
import { createProgram } from '../program.ts'
import { completionTree } from './completion-tree.ts'
import { SHELLS } from './shells.ts'

/** `holdfast completion bash|zsh|fish`: a script for the shell, on stdout. */
export function completionProgram(): Command {
  const program = createProgram('completion')
  return program
    .addArgument(program.createArgument('<shell>', 'whose script').choices(Object.keys(SHELLS)))
    .action(async (shell: keyof typeof SHELLS) => {
      process.stdout.write(SHELLS[shell](await completionTree()))
    })
}
