import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PLAN_FORMAT } from '../../../../src/contracts/runs/plan.ts'

const CHECKOUT = join(import.meta.dirname, '../../../..')

/** A change of one file of the product, relative to `src`. */
export interface Edit {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** Another build of the product: its code in a directory of its own. */
export interface BuildCopy {
  /** `src/cli/main.ts` of the copy. */
  readonly program: string
  remove(): void
}

/** The product as it is, with these changes. @throws where a change no longer fits */
export function copyBuild(...edits: readonly Edit[]): BuildCopy {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-build-'))
  for (const part of ['src', 'package.json'])
    cpSync(join(CHECKOUT, part), join(directory, part), { recursive: true })
  linkPackages(directory)
  for (const { file, from, to } of edits) {
    const path = join(directory, 'src', file)
    const text = readFileSync(path, 'utf8')
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
    writeFileSync(
      path,
      text.replace(from, () => to),
    )
  }
  return {
    program: join(directory, 'src/cli/main.ts'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

export function linkPackages(directory: string): void {
  symlinkSync(realpathSync(join(CHECKOUT, 'node_modules')), join(directory, 'node_modules'))
}

/** Another text of what the Web UI shows: replay does not compare it. */
export const COMPATIBLE: Edit = {
  file: 'workflows/steps/child-run.ts',
  from: '{plan.agent.name}, for $',
  to: '{plan.agent.name}, in behalf of $',
}

/** A later release, whose plans have a format that this one does not know. */
export const NEWER_PLANS: Edit = {
  file: 'contracts/runs/plan.ts',
  from: `PLAN_FORMAT = ${PLAN_FORMAT}`,
  to: `PLAN_FORMAT = ${PLAN_FORMAT + 1}`,
}

/** The workflow waits a moment before anything else, and no run under way has done so. */
export const INCOMPATIBLE: Edit = {
  file: 'workflows/agent-run.ts',
  from: '  return CancellationScope.nonCancellable(async () => {\n',
  to: '  return CancellationScope.nonCancellable(async () => {\n    await sleep(7)\n',
}
