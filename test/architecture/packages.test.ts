import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { LIST_VERSION } from '../../src/activities/models/prices/list-rates.ts'

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly optionalDependencies?: Record<string, string>
}

interface Lockfile {
  readonly packages: Record<string, LockedPackage>
}

const lockfile = JSON.parse(await readFile('package-lock.json', 'utf8')) as Lockfile
const manifest = JSON.parse(await readFile('package.json', 'utf8')) as Record<string, Record<string, string>>

function copiesOf(name: string): [string, string][] {
  return Object.entries(lockfile.packages)
    .filter(([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`))
    .map(([path, { version = '' }]) => [path, version])
}

test('every @temporalio package has one copy, all of one version', () => {
  const paths = Object.keys(lockfile.packages).filter((path) => path.includes('node_modules/@temporalio/'))
  assert.ok(paths.length >= 6)
  const names = paths.map((path) => path.slice(path.lastIndexOf('@temporalio/')))
  assert.equal(new Set(names).size, names.length, 'a package has two copies')
  const versions = new Set(paths.map((path) => lockfile.packages[path]?.version))
  assert.equal(versions.size, 1, [...versions].join(', '))
})

test('protobufjs 8 has one copy, at the root: histories read with a second one do not replay', () => {
  const eights = copiesOf('protobufjs').filter(([, version]) => version.startsWith('8.'))
  assert.deepEqual(
    eights.map(([path]) => path),
    ['node_modules/protobufjs'],
  )
})

test('every dependency is pinned to an exact version', () => {
  const pins = Object.entries({ ...manifest['dependencies'], ...manifest['devDependencies'] })
  assert.deepEqual(
    pins.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
    [],
  )
})

test('the version of the price list in the books is the one that is installed', () => {
  assert.equal(LIST_VERSION, lockfile.packages['node_modules/@pydantic/genai-prices']?.version)
})

test('the lockfile records no download address, so that any registry serves it', () => {
  const resolved = Object.entries(lockfile.packages).filter(([, { resolved }]) => resolved !== undefined)
  assert.deepEqual(
    resolved.map(([path]) => path),
    [],
  )
})

test('the lockfile has every platform that a dependency is built for: npm ci refuses one that leaves some out', () => {
  const missing = Object.entries(lockfile.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !isLocked(path, name)),
  )
  assert.deepEqual(missing, [])
})

/** Looks for a package where Node would, from `path` up. */
function isLocked(path: string, name: string): boolean {
  if (`${path}/node_modules/${name}` in lockfile.packages || `node_modules/${name}` in lockfile.packages)
    return true
  const above = path.lastIndexOf('/node_modules/')
  return above > 0 && isLocked(path.slice(0, above), name)
}
