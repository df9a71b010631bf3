import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { SEARCH_ATTRIBUTES } from '../src/api/temporal/search-attributes.ts'
import { importsOf } from './architecture/source-files.ts'

const compose = readFileSync('docker-compose.yml', 'utf8')
const dockerfile = readFileSync('Dockerfile', 'utf8')
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  dependencies: Record<string, string>
}

describe('the production files', () => {
  it('give no secret a default', () => {
    const secrets = [...compose.matchAll(/\$\{(\w*(?:PASSWORD|SECRET)\w*)([^}]*)\}/g)]
    assert.ok(secrets.length >= 5)
    for (const [text, name, rest] of secrets)
      assert.ok(rest?.startsWith(':?'), `${name} has a default: ${text}`)
    for (const [, value] of compose.matchAll(/^ *\w*(?:PASSWORD|PWD)\w*: (.*)$/gm))
      assert.match(String(value), /^\$\{/)
  })

  it('pin every image to a version', () => {
    const images = [...compose.matchAll(/image: (\S+)/g), ...dockerfile.matchAll(/^FROM (\S+)/gm)].map(
      ([, image]) => image,
    )
    assert.ok(images.length >= 8)
    for (const image of images) assert.match(String(image), /:v?\d+\.\d+\.\d+/)
  })

  it('open no port to other machines', () => {
    const published = [...compose.matchAll(/^ +ports: \['([^']*)'\]$/gm)].map(([, port]) => port)
    assert.equal(published.length, compose.match(/\bports:/g)?.length)
    for (const port of published) assert.match(String(port), /^127\.0\.0\.1:/)
  })

  it('run the Node that the project is pinned to', () => {
    const versions = [...dockerfile.matchAll(/^FROM node:([\d.]+)-/gm)].map(([, version]) => version)
    assert.deepEqual(versions, [dependencies['node'], dependencies['node']])
  })

  it('run the Temporal that the local stack runs', () => {
    assert.match(compose, /temporalio\/server:1\.31\.2\n/)
    assert.match(compose, /temporalio\/ui:2\.51\.0\n/)
  })

  it('register the search attributes that runs carry', () => {
    const registered = /for name in ([\w ]+); do/.exec(compose)?.[1]?.split(' ')
    assert.deepEqual(registered, SEARCH_ATTRIBUTES)
  })

  it('have every file that the image runs, and every file that those load at once', async () => {
    assert.match(readFileSync('.dockerignore', 'utf8'), /^!src\n!examples$/m)
    const texts = [compose, dockerfile, readFileSync('docs/configuration.md', 'utf8')]
    const commands = texts.flatMap((text) =>
      [...text.matchAll(/\bnode"?,? "?(src\/[\w/.-]+\.ts)/g)].map(([, file]) => String(file)),
    )
    const reached = new Set(commands)
    for (const file of reached) {
      assert.ok(existsSync(file), file)
      for (const { target, typeOnly, dynamic } of await importsOf(file)) {
        if (/^(src|examples)\//.test(target) && !typeOnly && !dynamic) reached.add(target)
      }
    }
    for (const file of [
      'src/api/main.ts',
      'src/worker/main.ts',
      'src/worker/health-check.ts',
      'src/cli/keys/keys.ts',
    ]) {
      assert.ok(commands.includes(file), file)
    }
    assert.ok(reached.size > 100)
  })

  it('do not run as root', () => {
    assert.match(dockerfile, /^USER node$/m)
  })
})
