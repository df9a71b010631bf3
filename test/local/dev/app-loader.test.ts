import assert from 'node:assert/strict'
import { realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { AppNotLoaded } from '../../../src/app/load-app.ts'
import { createAppLoader, importAnew } from '../../../src/local/dev/app-loader.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

describe('loading an application again', () => {
  const directory = realpathSync(temporaryDirectory())
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text)
  const app = (name: string) =>
    `export default { name: ${name}, agents: [], plan() {}, tool() {}, prompt() {}, hasAgent() {} }`

  it('reads all of its files as they are now, and knows which they are', async () => {
    write(
      'app.ts',
      `import { word } from './word.ts'\nimport data from './data.json' with { type: 'json' }\n${app('word + data.n')}`,
    )
    write('word.ts', `export const word: string = 'one'`)
    write('data.json', '{"n":1}')
    using loader = createAppLoader(join(directory, 'app.ts'))
    assert.equal((await loader.load()).name, 'one1')
    write('word.ts', `export const word: string = 'two'`)
    assert.equal((await loader.load()).name, 'two1')
    write('data.json', '{"n":2}')
    const again = await loader.load()
    assert.equal(again.name, 'two2')
    assert.deepEqual(
      [...loader.files()].sort(),
      ['app.ts', 'data.json', 'word.ts'].map((name) => join(directory, name)),
    )
  })

  it('imports a module beside the application as it is now, and counts it among the files', async () => {
    write('app.ts', app("'beside'"))
    using loader = createAppLoader(join(directory, 'app.ts'))
    await loader.load()
    const script = pathToFileURL(join(directory, 'script.ts'))
    for (const answer of ['one', 'two']) {
      write('script.ts', `export default '${answer}'`)
      assert.equal((await importAnew(script)).default, answer)
    }
    assert.ok(loader.files().has(join(directory, 'script.ts')))
  })

  it('shares packages and the product between loads', async () => {
    const product = import.meta.resolve('../../../src/app/load-app.ts')
    write(
      'app.ts',
      `import { loadApp } from '${product}'
      globalThis.seen = [...(globalThis.seen ?? []), loadApp]
      ${app("'shared'")}`,
    )
    using loader = createAppLoader(join(directory, 'app.ts'))
    await loader.load()
    await loader.load()
    const [one, two] = (globalThis as unknown as { seen: unknown[] }).seen
    assert.equal(one, two)
  })

  it('says what keeps a broken file from loading, and loads it once it is mended', async () => {
    write('app.ts', `import { word } from './word.ts'\n${app('word')}`)
    using loader = createAppLoader(join(directory, 'app.ts'))
    for (const [text, problem] of [
      ['export enum Word { One }', /word\.ts:1\n.*enum/s],
      [`export const word = ''; throw new Error('boom')`, /Error: boom\n +at file:.*word\.ts:1:\d+/],
      [
        `import './gone.ts'; export const word = ''`,
        /Cannot find module '.*gone\.ts' imported from .*word\.ts/,
      ],
      ['export const other = 1', /does not provide an export named 'word'/],
    ] as const) {
      write('word.ts', text)
      await assert.rejects(loader.load(), (error: Error) => {
        assert.ok(error instanceof AppNotLoaded)
        assert.match(error.message, problem)
        assert.doesNotMatch(error.message, /\?holdfast=|app-loader\.ts/)
        return true
      })
    }
    write('word.ts', `export const word = 'mended'`)
    assert.equal((await loader.load()).name, 'mended')
  })
})
