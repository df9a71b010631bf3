import assert from 'node:assert/strict'
import { test } from 'node:test'
import { circles } from './circles.ts'
import { importsOf, sourceFiles } from './source-files.ts'

/** Capabilities: one word each, the same in every room. */
const CAPABILITIES = [
  'runs',
  'threads',
  'events',
  'models',
  'traffic',
  'cache',
  'tools',
  'approvals',
  'budgets',
  'team',
  'access',
  'tenants',
  'agents',
  'processes',
  'dossier',
  'reports',
  'schedules',
  'webhooks',
  'memory',
  'files',
]

/** Folders that belong to the way a room works rather than to a capability. */
const TECHNICAL: Readonly<Record<string, readonly string[]>> = {
  api: ['http', 'temporal', 'docs', 'upkeep', 'metrics', 'limits'],
  store: ['database', 'migrations', 'record'],
}

/** Rooms that are divided by capability. */
const DIVIDED = ['activities', 'api', 'contracts', 'store', 'workflows/state']

/** The words of the product are one tree of types, and so are those of a run's state: all of their folders read them. */
const SHARES_TYPES: readonly string[] = ['contracts', 'workflows/state']

/** `src/<room>/<folder>/…`: the room and the folder; null for a file at the room's own level. */
function placeOf(file: string): { room: string; folder: string } | null {
  const [, room, folder] = /^src\/(workflows\/state|[^/]+)\/([^/]+)\//.exec(file) ?? []
  return room !== undefined && folder !== undefined ? { room, folder } : null
}

async function filesByRoom(): Promise<Map<string, Map<string, number>>> {
  const rooms = new Map<string, Map<string, number>>()
  for (const file of await sourceFiles('src')) {
    const place = placeOf(file)
    if (place === null || !DIVIDED.includes(place.room)) continue
    const folders = rooms.get(place.room) ?? new Map<string, number>()
    folders.set(place.folder, (folders.get(place.folder) ?? 0) + 1)
    rooms.set(place.room, folders)
  }
  return rooms
}

test('a folder of a divided room is named after a capability', async (context) => {
  const rooms = await filesByRoom()
  for (const line of matrix(rooms)) context.diagnostic(line)
  const unknown = [...rooms].flatMap(([room, folders]) =>
    [...folders.keys()]
      .filter((folder) => !CAPABILITIES.includes(folder) && !(TECHNICAL[room] ?? []).includes(folder))
      .map((folder) => `src/${room}/${folder}`),
  )
  assert.deepEqual(unknown, [])
})

/** Files by capability (rows) and room (columns). */
function matrix(rooms: ReadonlyMap<string, ReadonlyMap<string, number>>): string[] {
  const cells = (values: readonly (string | number)[]) =>
    values.map((value) => String(value).padStart(17)).join('')
  return [
    `${''.padEnd(10)}${cells(DIVIDED)}`,
    ...CAPABILITIES.map(
      (word) => `${word.padEnd(10)}${cells(DIVIDED.map((room) => rooms.get(room)?.get(word) ?? '·'))}`,
    ),
  ]
}

test('folders of one room import each other in one direction', async () => {
  const arrows = new Map<string, Set<string>>()
  for (const file of await sourceFiles('src')) {
    const from = placeOf(file)
    if (from === null) continue
    for (const { target, typeOnly } of await importsOf(file)) {
      const to = placeOf(target)
      if (typeOnly && SHARES_TYPES.includes(from.room)) continue
      if (to === null || to.room !== from.room || to.folder === from.folder) continue
      const name = `${from.room}/${from.folder}`
      arrows.set(name, (arrows.get(name) ?? new Set()).add(`${to.room}/${to.folder}`))
    }
  }
  assert.deepEqual(circles(arrows), [])
})

test('the search for circles finds one', () => {
  const arrows = new Map([
    ['store/runs', new Set(['store/models'])],
    ['store/models', new Set(['store/record'])],
    ['store/record', new Set(['store/runs'])],
    ['store/team', new Set(['store/runs'])],
  ])
  assert.deepEqual(circles(arrows), ['store/models', 'store/record', 'store/runs'])
})
