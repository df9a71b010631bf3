import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { SEARCH_ATTRIBUTES } from '../src/api/temporal/search-attributes.ts'
import { COMMANDS } from '../src/cli/commands.ts'
import { HTTP } from '../src/policies/api.ts'
import { WORKER } from '../src/policies/worker.ts'

const compose = readFileSync('docker-compose.yml', 'utf8')
const dockerfile = readFileSync('Dockerfile', 'utf8')
const { version, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string
  devDependencies: Record<string, string>
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

  it('give the API and the workers the application’s variables, without those of the other services', () => {
    const shared = /^x-holdfast: &holdfast\n((?: .*\n)+)/m.exec(compose)?.[1] ?? ''
    assert.match(shared, /^ {2}env_file:\n {4}- path: app\.env\n {6}required: false$/m)
    assert.equal(compose.match(/\benv_file:/g)?.length, 1)
    for (const service of ['api', 'worker'])
      assert.match(compose, new RegExp(`^  ${service}:\n    <<: \\*holdfast$`, 'm'))
    assert.ok(readFileSync('.gitignore', 'utf8').split('\n').includes('app.env'))
  })

  it('run the Node that the project is pinned to', () => {
    const versions = [...dockerfile.matchAll(/^FROM node:([\d.]+)-/gm)].map(([, version]) => version)
    assert.deepEqual(new Set(versions), new Set([devDependencies['node']]))
  })

  it('are of the version that the package is of', () => {
    assert.match(compose, new RegExp(`^  image: holdfast:${version.replaceAll('.', '\\.')}$`, 'm'))
    assert.match(
      readFileSync('deploy/kubernetes/kustomization.yaml', 'utf8'),
      new RegExp(`newTag: ${version}\n`),
    )
  })

  it('give each process more time to end than it takes, and start none before the schema is up to date', () => {
    const { services } = parse(compose, { merge: true }) as {
      services: Record<
        string,
        { stop_grace_period: string; depends_on: Record<string, { condition: string }> }
      >
    }
    const longest = { api: HTTP.drainMs + HTTP.closeMs, worker: WORKER.shutdownForceMs + 1_000 }
    for (const [name, ms] of Object.entries(longest)) {
      assert.ok(Number.parseInt(services[name]?.stop_grace_period ?? '', 10) * 1_000 > ms, name)
      assert.equal(services[name]?.depends_on['migrate']?.condition, 'service_completed_successfully')
    }
  })

  it('run the Temporal that the local stack runs', () => {
    assert.match(compose, /temporalio\/server:1\.31\.2\n/)
    assert.match(compose, /temporalio\/ui:2\.51\.0\n/)
  })

  it('register the search attributes that runs carry', () => {
    const registered = /for name in ([\w ]+); do/.exec(compose)?.[1]?.split(' ')
    assert.deepEqual(registered, SEARCH_ATTRIBUTES)
  })

  it('give commands that there are', () => {
    const documents = ['docs/configuration.md', 'docs/guides/operate.md', 'docs/guides/deploy.md'].map(
      (file) => readFileSync(file, 'utf8'),
    )
    const given = [
      ...[...compose.matchAll(/\[(?:CMD, )?holdfast, ([a-z]+)/g)],
      ...[...dockerfile.matchAll(/"holdfast", "([a-z]+)"/g)],
      ...documents.flatMap((text) => [...text.matchAll(/docker compose exec \w+ holdfast ([a-z]+)/g)]),
    ].map(([, command]) => String(command))
    for (const command of given) assert.ok(command in COMMANDS, command)
    for (const command of ['api', 'worker', 'migrate', 'keys']) assert.ok(given.includes(command), command)
    for (const text of [compose, dockerfile, ...documents]) assert.doesNotMatch(text, /node \S*src\//)
  })

  it('have every file that the image is built from, and run what is built', () => {
    const taken = readFileSync('.dockerignore', 'utf8')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []))
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, files]) =>
      String(files).split(' '),
    )
    assert.ok(copied.length > 5)
    for (const file of copied) assert.ok(existsSync(file) && taken.includes(file), file)
    assert.deepEqual(
      taken.filter((file) => !copied.includes(file)),
      [],
    )
    assert.match(dockerfile, /^RUN npm run build$/m)
    assert.match(dockerfile, /^COPY --from=build \/app\/dist dist$/m)
    const [, app = ''] = /^ENV HOLDFAST_APP=(\S+)$/m.exec(dockerfile) ?? []
    assert.ok(existsSync(app), app)
    const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string> }
    assert.ok(dockerfile.includes(`ln -s /app/${bin['holdfast']} /usr/local/bin/holdfast`))
  })

  it('do not run as root', () => {
    assert.match(dockerfile, /^USER node$/m)
  })
})
