import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { z } from 'zod'
import { RELEASE } from './release.ts'

/** A machine without access to the service must not wait long for the first answer; the archive itself may take its time. */
const ANSWER_TIMEOUT_MS = 5_000
const SILENCE_TIMEOUT_MS = 15_000

const downloadInfo = z.object({ archiveUrl: z.url(), fileToExtract: z.string().min(1) })

export interface DownloadSource {
  readonly url: string
  /** SHA-256 of the archive, hex; undefined where no official archive is known. */
  readonly sha256: string | undefined
}

/** Locates the official archive for this machine. */
export const OFFICIAL: DownloadSource = {
  url: RELEASE.downloads,
  sha256: RELEASE.archiveSha256[`${process.platform}-${process.arch}`],
}

/**
 * Fetches the release as Temporal's SDKs do for their tests: one request returns the archive's URL and the program's path in it.
 * Writes the program to `target`, which must not be run before the promise resolves: only the last byte shows that the archive is the
 * pinned one.
 *
 * @throws the error of any step; the caller then builds from source
 */
export async function downloadBinary(target: string, source: DownloadSource = OFFICIAL): Promise<void> {
  const { url: from, sha256 } = source
  if (sha256 === undefined) throw new Error('No checksum is known for this platform')
  const { archiveUrl, fileToExtract } = await locate(from)
  if (new URL(archiveUrl).protocol !== new URL(from).protocol)
    throw new Error('The archive is offered over another protocol')

  const silence = new AbortController()
  const timer = setTimeout(
    () => silence.abort(new Error('The download stopped arriving')),
    SILENCE_TIMEOUT_MS,
  )
  try {
    const response = await fetch(archiveUrl, { signal: silence.signal })
    if (!response.ok || response.body === null) throw new Error(`The download answered ${response.status}`)
    const archive = Readable.fromWeb(response.body as ReadableStream).on('data', () => timer.refresh())
    const actual = await extract(archive, fileToExtract, target)
    if (actual !== sha256) throw new Error(`The archive has the SHA-256 ${actual}, and ${sha256} is pinned`)
  } finally {
    clearTimeout(timer)
  }
}

async function locate(from: string): Promise<z.infer<typeof downloadInfo>> {
  const url = new URL(`/cli/v${RELEASE.version}`, from)
  url.searchParams.set('arch', process.arch === 'x64' ? 'amd64' : process.arch)
  url.searchParams.set('platform', process.platform === 'win32' ? 'windows' : process.platform)
  url.searchParams.set('format', 'tar.gz')
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) })
  if (!response.ok) throw new Error(`The download service answered ${response.status}`)
  return downloadInfo.parse(await response.json())
}

/** @returns SHA-256 of the whole archive, hex */
async function extract(archive: Readable, file: string, target: string): Promise<string> {
  const tar = spawn('tar', ['-xzOf', '-', file], { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = new Promise<number | null>((resolve, reject) =>
    tar.once('error', reject).once('close', resolve),
  )
  const hash = createHash('sha256')
  const hashed = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  const [code] = await Promise.all([
    ended,
    pipeline(archive, hashed, tar.stdin),
    pipeline(tar.stdout, createWriteStream(target, { mode: 0o755 })),
  ])
  if (code !== 0) throw new Error('The archive could not be unpacked')
  return hash.digest('hex')
}
