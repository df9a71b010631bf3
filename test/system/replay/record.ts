import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { historyOfFile } from '../../../src/cli/replay/load-histories.ts'
import { replayHistories } from '../../../src/cli/replay/replay-histories.ts'
import { testWorkflowBundle } from '../../support/workflow-bundle.ts'
import { currentRelease, fileName, HISTORIES, historyFiles, historyText, isOf } from './history-files.ts'
import { startRecorder } from './recorder.ts'
import { SCENARIOS } from './scenarios/index.ts'
import { noteSources } from './sources.ts'

/*
 * `node test/system/replay/record.ts [--again] [scenario …]`: plays every scenario that has no history of this release yet, or just the
 * named ones, and keeps the histories of their workflows. `--again` replaces what this release has: only for one that
 * nobody has run yet. Histories of other releases are never touched.
 */

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { again: { type: 'boolean', default: false } },
  })
  const unknown = positionals.filter((name) => !Object.hasOwn(SCENARIOS, name))
  if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}`)

  const release = currentRelease()
  const there = Object.groupBy(
    historyFiles().filter((file) => file.release === release),
    ({ scenario }) => scenario,
  )
  const wanted = Object.entries(SCENARIOS)
    .filter(([, scenario]) => isOf(release, scenario))
    .filter(([name]) => positionals.length === 0 || positionals.includes(name))
    .filter(([name]) => values.again || there[name] === undefined)
  if (wanted.length === 0) {
    process.stdout.write(`${release} has all of them. --again replaces what is there.\n`)
    return
  }

  await using cleanup = new AsyncDisposableStack()
  const recorder = await startRecorder(sdkVersion())
  cleanup.defer(() => recorder.close())
  const recorded = new Date().toISOString().slice(0, 10)
  for (const [name, scenario] of wanted) {
    const startedAt = performance.now()
    const histories = await recorder.record(name, scenario)
    const tookMs = Math.round(performance.now() - startedAt)
    const before = there[name] ?? []
    for (const { path } of before) rmSync(path)
    const sources = histories.map((history, index) => {
      const file = fileName(
        release,
        name,
        index + 1,
        histories.length,
        'workflow' in scenario ? scenario.workflow : undefined,
      )
      writeFileSync(join(HISTORIES, file), historyText(history))
      const { madeWith } = recorder
      return { file, shows: scenario.shows, events: history.events?.length ?? 0, recorded, madeWith }
    })
    noteSources(
      before.map((file) => file.name),
      sources,
    )
    await mustReplay(sources.map(({ file }) => file))
    process.stdout.write(
      `${name}: ${sources.map(({ events }) => events).join(' + ')} events in ${tookMs} ms\n`,
    )
  }
}

async function mustReplay(files: readonly string[]): Promise<void> {
  const histories = files.map(async (name) => ({ name, history: await historyOfFile(join(HISTORIES, name)) }))
  for await (const { name, problem } of replayHistories(
    await testWorkflowBundle(),
    await Promise.all(histories),
  )) {
    if (problem !== null) throw new Error(`${name} does not replay on the code that recorded it: ${problem}`)
  }
}

function sdkVersion(): string {
  const manifest = join(import.meta.dirname, '../../../package.json')
  const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    dependencies: Record<string, string>
  }
  return dependencies['@temporalio/worker'] ?? 'unknown'
}

await main()
