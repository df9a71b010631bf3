import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { AppNotLoaded, loadApp } from '../../src/app/load-app.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const directory = temporaryDirectory()

function file(name: string, text: string): string {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

describe('loading an application', () => {
  it('takes the default export of a TypeScript file, named from the working directory', async () => {
    const path = file(
      'good.ts',
      `const name: string = 'good'
       export default { name, agents: [], plan() {}, tool() {}, prompt() {}, hasAgent() {} }`,
    )
    assert.equal((await loadApp(relative('', path))).name, 'good')
  })

  for (const [what, name, text, problem] of [
    ['there is no file', 'none.ts', null, /^There is no file .*none\.ts \(looked for \//],
    ['it is a folder', 'folder', 'mkdir', /is a folder\. Name the file/],
    [
      'nothing is exported',
      'nothing.ts',
      'export const app = 1',
      /there is no default export\.\nIt has to end with: {2}export default defineApp/,
    ],
    ['a text is exported', 'text.ts', `export default 'app'`, /the default export is a string/],
    ['a promise is exported', 'promise.ts', 'export default Promise.resolve({})', /is a promise; await it/],
    ['an object is exported', 'object.ts', 'export default { agents: [] }', /defineApp did not make/],
    [
      'a module is missing',
      'missing.ts',
      `import './gone.ts'`,
      /could not be loaded:\n.*Cannot find module '.*gone\.ts' imported from .*missing\.ts$/,
    ],
    [
      'types cannot be stripped',
      'enum.ts',
      'export enum Effect { Read }',
      /enum\.ts:1\n.*enum is not supported/s,
    ],
    [
      'it throws',
      'throws.ts',
      `\nthrow new TypeError('no such thing')`,
      /TypeError: no such thing\n +at .*file:.*throws\.ts:2:7\)?$/,
    ],
  ] as const) {
    it(`says so where ${what}`, async () => {
      if (text === 'mkdir') mkdirSync(join(directory, name))
      else if (text !== null) file(name, text)
      await assert.rejects(loadApp(join(directory, name)), (error: Error) => {
        assert.ok(error instanceof AppNotLoaded)
        assert.match(error.message, problem)
        assert.doesNotMatch(error.message, /node:internal|load-app\.ts/)
        return true
      })
    })
  }

  it('waits no longer than its limit for a file whose top level never ends', async () => {
    const path = file('endless.ts', 'await new Promise(() => undefined)\nexport default 1')
    await assert.rejects(loadApp(path, undefined, 50), {
      name: 'AppNotLoaded',
      message: /endless\.ts could not be loaded:\n.*not loaded within 0\.05 s\. An await at the top level/,
    })
  })

  it('fails a command whose application ends the process', async () => {
    const path = file('exits.ts', 'process.exit(0)')
    const command = promisify(execFile)(process.execPath, ['src/cli/main.ts', 'check', path])
    await assert.rejects(command, (error: Error & { code: number; stderr: string }) => {
      assert.equal(error.code, 1)
      assert.match(
        error.stderr,
        /exits\.ts has ended the process while it was loaded: it calls process\.exit\./,
      )
      return true
    })
  })

  it('lists the problems of an application that is not usable', async () => {
    const path = file(
      'unusable.ts',
      `throw Object.assign(new Error('x'), { name: 'AppUnusable', problems: ['agent a has no prompt', 'two tools are called b\\nand so'] })`,
    )
    await assert.rejects(loadApp(path), {
      message: `The application in ${path} is not usable:\n  - agent a has no prompt\n  - two tools are called b\n    and so`,
    })
  })
})
