import assert from 'node:assert/strict'
import { mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { watchFiles } from '../../../src/local/dev/watch-files.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** What the watch tells, one burst after another. */
function startWatch(root: string, also: readonly string[] = []) {
  const bursts: (readonly string[])[] = []
  let { promise, resolve } = Promise.withResolvers<void>()
  const watch = watchFiles({
    root,
    except: [join(root, 'data')],
    alsoFilesOf: () => also,
    isRelevant: (path) => path.endsWith('.ts'),
    onChange(paths) {
      bursts.push(paths)
      resolve()
    },
    onError: (error) => assert.fail(error),
  })
  return {
    async next(): Promise<readonly string[]> {
      while (bursts.length === 0) {
        await promise
        ;({ promise, resolve } = Promise.withResolvers<void>())
      }
      return bursts.shift() ?? []
    },
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  }
}

describe('watching files', () => {
  it('tells of a file that is written, replaced by another, or made in a new folder', async () => {
    const root = realpathSync(temporaryDirectory())
    const path = (name: string) => join(root, name)
    writeFileSync(path('a.ts'), 'one')
    using watch = startWatch(root, [path('a.ts')])
    writeFileSync(path('a.ts'), 'two')
    assert.deepEqual(await watch.next(), [path('a.ts')])

    writeFileSync(path('a.ts.aside'), 'three')
    renameSync(path('a.ts.aside'), path('a.ts'))
    assert.deepEqual(await watch.next(), [path('a.ts')])

    mkdirSync(path('inner'))
    writeFileSync(path('b.ts'), 'x')
    assert.deepEqual(await watch.next(), [path('b.ts')])
    writeFileSync(path('inner/c.ts'), 'x')
    assert.deepEqual(await watch.next(), [path('inner/c.ts')])
    rmSync(path('inner/c.ts'))
    assert.deepEqual(await watch.next(), [path('inner/c.ts')])
  })

  it('keeps quiet about what is the same, of no interest, or left out', async () => {
    const root = realpathSync(temporaryDirectory())
    const path = (name: string) => join(root, name)
    for (const folder of ['data', 'node_modules', '.git']) mkdirSync(path(folder))
    writeFileSync(path('a.ts'), 'one')
    using watch = startWatch(root, [path('a.ts')])
    writeFileSync(path('a.ts'), 'one')
    writeFileSync(path('notes.md'), 'x')
    for (const folder of ['data', 'node_modules', '.git']) writeFileSync(path(`${folder}/x.ts`), 'x')
    writeFileSync(path('last.ts'), 'x')
    assert.deepEqual(await watch.next(), [path('last.ts')])
  })

  it('watches the folders of files elsewhere', async () => {
    const [root, elsewhere] = [realpathSync(temporaryDirectory()), realpathSync(temporaryDirectory())]
    const shared = join(elsewhere, 'shared.ts')
    writeFileSync(shared, 'one')
    using watch = startWatch(root, [shared])
    writeFileSync(shared, 'two')
    assert.deepEqual(await watch.next(), [shared])
  })
})
