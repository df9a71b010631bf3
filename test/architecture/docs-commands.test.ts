import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { test } from 'node:test'

/* Commands of the documents stand as somebody pastes them: on the page that has them, in its order. */

const documents: string[] = []
for await (const file of glob(['README.md', 'docs/guides/*.md', 'docs/runbooks/*.md']))
  documents.push(file.replaceAll('\\', '/'))

/** Where a page's variables are set, where it is not the page itself. */
const SET_ELSEWHERE: Readonly<Record<string, string>> = { 'docs/runbooks/': 'docs/runbooks/README.md' }

const BLOCK = /^```(\w*)\n(.*?)^```$/gms
/** A block without a language has commands, or what they print. */
const OF_COMMANDS: readonly (string | undefined)[] = ['', 'sh']
const USE = /\$\{?([A-Za-z_]\w*)/g
const SET = /(?:^|[\s;])(?:([A-Za-z_]\w*)=|for ([A-Za-z_]\w*) in )/g

/** The commands of a page, without comments and without what stands in single quotes: a shell replaces nothing there. */
function commandsOf(document: string): string[] {
  const blocks = [...readFileSync(document, 'utf8').matchAll(BLOCK)]
  const commands = blocks.flatMap(([, language, block = '']) =>
    OF_COMMANDS.includes(language) ? [block] : [],
  )
  return commands.map((block) => block.replaceAll(/ # .*$/gm, '').replaceAll(/'[^']*'/g, "''"))
}

/** The variables that a page uses before it, or what it refers to, has set them. */
function unsetIn(document: string): string[] {
  const folder = Object.keys(SET_ELSEWHERE).find((start) => document.startsWith(start))
  const elsewhere = folder === undefined ? [] : commandsOf(SET_ELSEWHERE[folder] ?? '')
  const set = new Set(elsewhere.flatMap(namesSetIn))
  return commandsOf(document)
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => {
      for (const name of namesSetIn(line)) set.add(name)
      return [...line.matchAll(USE)].flatMap(([, name = '']) =>
        set.has(name) ? [] : [`${document}: ${line}`],
      )
    })
}

const namesSetIn = (text: string) =>
  [...text.matchAll(SET)].map(([, assigned, looped]) => assigned ?? looped ?? '')

test('every variable in a command of the guides is set before it, on the same page', () => {
  assert.deepEqual(documents.flatMap(unsetIn), [])
})

test('every command asks the API at $URL, with the bare key in $KEY', () => {
  const lines = documents.flatMap((document) => commandsOf(document).flatMap((block) => block.split('\n')))
  const requests = lines.filter((line) => /^(?:\$ )?curl /.test(line))
  assert.ok(requests.length > 25, `the documents have ${requests.length} requests`)
  assert.deepEqual(
    requests.filter((line) => !line.includes('$URL/')),
    [],
  )
  const withKey = lines.filter((line) => line.includes('$KEY') && !line.includes('HOLDFAST_API_KEY=$KEY'))
  assert.ok(withKey.length > 25, `${withKey.length} of them have a key`)
  assert.deepEqual(
    withKey.filter((line) => !line.includes('-H "Authorization: Bearer $KEY"')),
    [],
  )
})
