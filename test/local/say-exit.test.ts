import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const directory = temporaryDirectory()

/** Runs a program to its end. */
function run(name: string, text: string): Promise<{ readonly code: number; readonly err: string }> {
  const file = join(directory, name)
  writeFileSync(
    file,
    `import { sayExit } from '${import.meta.resolve('../../src/local/say-exit.ts')}'\n${text}`,
  )
  return new Promise((resolve) => {
    execFile(process.execPath, [file], (error, _, err) => resolve({ code: Number(error?.code ?? 0), err }))
  })
}

describe('a call of process.exit while the stack runs', () => {
  it('is said, with the line that calls it', async () => {
    const { code, err } = await run('tool.ts', `sayExit()\nprocess.exit(7)`)
    assert.equal(code, 7)
    assert.match(
      err,
      /The stack has ended\. Something in the application called process\.exit\(7\)\.\n.*tool\.ts:3:9/,
    )
    assert.doesNotMatch(err, /say-exit\.ts/)
  })

  it('is not said once the stack stops by itself', async () => {
    const { err } = await run('stop.ts', `sayExit()[Symbol.dispose]()\nprocess.exit(1)`)
    assert.equal(err, '')
  })
})
