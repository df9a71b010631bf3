import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { sourceFiles } from './source-files.ts'

/** Turns named parameters into the numbers that Postgres wants. */
const NUMBERING = 'src/store/database/statement.ts'

/** `$1`, and `$${…}`, which makes such numbers. */
const NUMBERED = /\$\d|\$\$\{/

/** A function that makes prepared statements for several callers: its calls name them. */
const MAKER = /function (\w+)\([^)]*\): NamedStatement/g

describe('a statement of the store', () => {
  it('has named parameters', async () => {
    const numbered: string[] = []
    for (const file of await sourceFiles('src/store')) {
      if (file === NUMBERING) continue
      const lines = (await readFile(file, 'utf8')).split('\n')
      numbered.push(
        ...lines.flatMap((line, at) => (NUMBERED.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
      )
    }
    assert.deepEqual(numbered, [])
  })

  it('is prepared under a name of its own, since Postgres refuses another text under the same name', async () => {
    const names: string[] = []
    for (const file of await sourceFiles('src/store'))
      names.push(...preparedNames(await readFile(file, 'utf8')))
    assert.ok(names.length > 50, `only ${names.length} names were found`)
    assert.deepEqual(
      names.filter((name, at) => names.indexOf(name) !== at),
      [],
    )
  })

  it('is found by the patterns of these tests', () => {
    assert.match('select $1', NUMBERED)
    assert.match('`$${values.push(value)}`', NUMBERED)
    assert.doesNotMatch(`with \${LOCK_RUN} select :run_id`, NUMBERED)
    const text = `const A = statement(\n  'find_a', \`select\`)
      const B = settling('settle_b', 'true')
      function settling(name: string, where: string): NamedStatement {`
    assert.deepEqual(preparedNames(text), ['find_a', 'settle_b'])
  })
})

function preparedNames(text: string): string[] {
  const makers = ['statement', ...[...text.matchAll(MAKER)].map(([, name]) => name)]
  const calls = new RegExp(`\\b(?:${makers.join('|')})\\(\\s*'(\\w+)'`, 'g')
  return [...text.matchAll(calls)].flatMap(([, name]) => name ?? [])
}
