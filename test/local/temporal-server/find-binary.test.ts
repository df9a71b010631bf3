import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { StartError } from '../../../src/local/start-error.ts'
import type { DownloadSource } from '../../../src/local/temporal-server/download-binary.ts'
import { findBinary } from '../../../src/local/temporal-server/find-binary.ts'
import { cachedBinary, RELEASE } from '../../../src/local/temporal-server/release.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/*
 * Every rung of the ladder with stand-ins: shell scripts on a PATH of their own, a download service on loopback. The real
 * build is what every machine without a Temporal CLI does before its tests.
 */

const root = temporaryDirectory()
const progress = { update: () => undefined, done: () => undefined }
const CLI = (version: string) => `#!/bin/sh\necho "temporal version ${version} (Server 1.31.2, UI 2.50.1)"\n`
/** Where nobody answers. */
const NOWHERE: DownloadSource = { url: 'http://127.0.0.1:9', sha256: 'of nothing' }

let count = 0
/** A machine with these programs on PATH (and the few that the stand-ins themselves need) and an empty cache. */
function machine(programs: Record<string, string>) {
  const directory = join(root, String(count++))
  const bin = join(directory, 'bin')
  mkdirSync(bin, { recursive: true })
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(bin, name), text, { mode: 0o755 })
  const cacheDir = join(directory, 'cache')
  const find = (downloads = NOWHERE) => findBinary({ cacheDir, env: { PATH: bin }, progress, downloads })
  return { cacheDir, cached: cachedBinary(cacheDir), builds: join(directory, 'builds'), find }
}

/** A "go" that takes a moment to "build" and counts how often it was asked. */
function go(builds: string) {
  return `#!/bin/sh
    echo built >> ${builds}
    echo "compiling" >&2
    /bin/sleep 0.3
    for argument; do case $argument in -o=*) out=\${argument#-o=};; esac; done
    printf '%s' '${CLI(RELEASE.version)}' > "$out"
    /bin/chmod +x "$out"
  `
}

const files = (directory: string) => readdirSync(directory).toSorted()

async function downloadService(program: string) {
  const directory = join(root, `archive-${count++}`)
  mkdirSync(directory)
  writeFileSync(join(directory, 'temporal'), program, { mode: 0o755 })
  spawnSync('tar', ['-czf', join(directory, 'cli.tar.gz'), '-C', directory, 'temporal'])
  const archive = readFileSync(join(directory, 'cli.tar.gz'))
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(String(request.url))
    if (request.url?.startsWith('/cli/')) {
      response.end(JSON.stringify({ archiveUrl: `${url}/archive`, fileToExtract: 'temporal' }))
    } else {
      response.end(archive)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sha256 = createHash('sha256').update(archive).digest('hex')
  return { source: { url, sha256 }, asked }
}

describe('the ladder to a Temporal server', () => {
  it('takes the one on PATH first', async () => {
    const { find, cacheDir } = machine({ temporal: CLI('1.5.0') })
    assert.equal(await find(), 'temporal')
    assert.ok(!existsSync(cacheDir))
  })

  it('passes over one on PATH that is too old, or is something else', async () => {
    for (const program of [CLI('1.4.1'), CLI('0.13.0'), '#!/bin/sh\necho hello\n']) {
      const { find, cached } = machine({ temporal: program })
      mkdirSync(dirname(cached), { recursive: true })
      writeFileSync(cached, CLI(RELEASE.version), { mode: 0o755 })
      assert.equal(await find(), cached)
    }
  })

  it('downloads the pinned release into the cache, once', async () => {
    const service = await downloadService(CLI(RELEASE.version))
    const { find, cached, cacheDir } = machine({})
    assert.equal(await find(service.source), cached)
    assert.equal(await find(service.source), cached)
    assert.deepEqual(files(cacheDir), [cached.slice(cacheDir.length + 1)])
    assert.equal(service.asked.length, 2)
    assert.match(
      String(service.asked[0]),
      new RegExp(`^/cli/v${RELEASE.version}\\?arch=\\w+&platform=\\w+&format=tar.gz$`),
    )
  })

  it("builds where the download can't be reached, is not what is pinned, or brings something that does not run", async () => {
    const broken = await downloadService('not a program')
    const { source: genuine } = await downloadService(CLI(RELEASE.version))
    const exchanged = { ...genuine, sha256: broken.source.sha256 }
    const unknown = { ...genuine, sha256: undefined }
    for (const downloads of [NOWHERE, exchanged, unknown, broken.source]) {
      const builds = join(root, `builds-${count}`)
      const { find, cached, cacheDir } = machine({ go: go(builds) })
      assert.equal(await find(downloads), cached)
      assert.equal(readFileSync(builds, 'utf8'), 'built\n')
      assert.equal(readFileSync(cached, 'utf8'), CLI(RELEASE.version))
      assert.deepEqual(files(cacheDir), [cached.slice(cacheDir.length + 1)])
    }
  })

  it('runs nothing of an archive that is not the pinned one', async () => {
    const ran = join(root, 'ran')
    const { source } = await downloadService(`#!/bin/sh\necho ran > ${ran}\n`)
    const { find, cacheDir } = machine({})
    await assert.rejects(find({ ...source, sha256: '0'.repeat(64) }), /SHA-256 .* is pinned/s)
    assert.ok(!existsSync(ran))
    assert.deepEqual(files(cacheDir), [])
  })

  it('builds once when two start at the same time', async () => {
    const builds = join(root, `builds-${count}`)
    const { find, cached } = machine({ go: go(builds) })
    assert.deepEqual(await Promise.all([find(), find(), find()]), [cached, cached, cached])
    assert.equal(readFileSync(builds, 'utf8'), 'built\n')
  })

  it('says what it tried and what to install when nothing works', async () => {
    const { find, cacheDir } = machine({})
    await assert.rejects(find(), (error) => {
      assert.ok(error instanceof StartError)
      assert.match(error.message, /TEMPORAL_ADDRESS is not set/)
      assert.match(error.message, /no "temporal" on PATH/)
      assert.match(error.message, /official download failed/)
      assert.match(error.message, /no "go" on PATH/)
      assert.match(error.message, /install the Temporal CLI/)
      assert.match(error.message, /install Go 1\.26/)
      return true
    })
    assert.deepEqual(files(cacheDir), [])
  })

  it('says why a build failed', async () => {
    const { find } = machine({ go: '#!/bin/sh\necho "go.mod requires go >= 1.26.4" >&2\nexit 1\n' })
    await assert.rejects(find(), /building it failed: go\.mod requires go >= 1\.26\.4/)
  })

  it('pins the same version in go.mod', () => {
    const module = readFileSync('src/local/temporal-server/go.mod', 'utf8')
    assert.match(module, new RegExp(`github.com/temporalio/cli v${RELEASE.version.replaceAll('.', '\\.')} `))
    assert.match(module, new RegExp(`^go ${RELEASE.go.replace('.', '\\.')}\\.`, 'm'))
  })
})
