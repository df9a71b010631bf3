import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parse } from 'yaml'

interface Service {
  readonly image: string
  readonly profiles?: readonly string[]
  readonly volumes?: readonly string[]
  readonly configs?: readonly { readonly source: string; readonly target: string }[]
  readonly environment?: Readonly<Record<string, string>>
  readonly depends_on?: readonly string[] | object
  readonly ports?: readonly string[]
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: object
  readonly configs: object
}

const read = (file: string) => parse(readFileSync(file, 'utf8'), { merge: true })
const compose = read('docker-compose.yml') as Compose
const WATCHERS = ['prometheus', 'grafana', 'otel-collector', 'tempo']
const watchers = WATCHERS.map((name) => ({ name, service: compose.services[name] as Service }))

/** Where a path within a container comes from in this repository. */
function sourceOf(service: string, path: string): string {
  const mounts = compose.services[service]?.volumes?.map((volume) => volume.split(':')) ?? []
  const [source = '', target = ''] = mounts.find(([, inside = '']) => path.startsWith(inside)) ?? []
  return source.replace(/^\.\//, '') + path.slice(target.length)
}

/** `host:port` of every URL in a file of configuration. */
const hostsIn = (text: string) =>
  [...text.matchAll(/(?:https?:\/\/|endpoint: )([\w.-]+):(\d+)/g)].map(([, host]) => host)

describe('the profile `observe`', () => {
  it('has these services and no other, and nothing else depends on them', () => {
    const inProfile = Object.entries(compose.services).filter(([, { profiles }]) =>
      profiles?.includes('observe'),
    )
    assert.deepEqual(inProfile.map(([name]) => name).sort(), WATCHERS.toSorted())
    for (const [name, { depends_on = [] }] of Object.entries(compose.services)) {
      if (WATCHERS.includes(name)) continue
      const needs = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on)
      assert.deepEqual(
        needs.filter((need) => WATCHERS.includes(need)),
        [],
        name,
      )
    }
  })

  it('mounts files that are there, read-only, and volumes that are declared', () => {
    for (const { name, service } of watchers) {
      for (const volume of service.volumes ?? []) {
        const [source = '', , mode] = volume.split(':')
        if (source.startsWith('./')) {
          assert.ok(existsSync(source), `${name}: ${source}`)
          assert.equal(mode, 'ro', `${name}: ${source}`)
        } else assert.ok(source in compose.volumes, `${name}: ${source}`)
      }
      for (const { source } of service.configs ?? [])
        assert.ok(source in compose.configs, `${name}: ${source}`)
    }
  })

  it('gives Prometheus the key where its configuration reads it, and services that it scrapes', () => {
    const { scrape_configs } = read('deploy/prometheus/prometheus.yml') as {
      scrape_configs: {
        authorization?: { credentials_file: string }
        dns_sd_configs: { names: string[] }[]
      }[]
    }
    const [key] = compose.services['prometheus']?.configs ?? []
    assert.equal(key?.target, scrape_configs[0]?.authorization?.credentials_file)
    const names = scrape_configs.flatMap((job) => job.dns_sd_configs.flatMap((config) => config.names))
    assert.deepEqual(names, ['api', 'worker'])
    for (const name of names) assert.ok(name in compose.services, name)
  })

  it('gives Grafana its data sources and dashboards where its files say', () => {
    const { providers } = read(
      `${sourceOf('grafana', '/etc/grafana/provisioning')}/dashboards/dashboards.yml`,
    ) as {
      providers: { options: { path: string } }[]
    }
    const folder = sourceOf('grafana', providers[0]?.options.path ?? '')
    assert.equal(readdirSync(folder).length, 3)
    const home = compose.services['grafana']?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? ''
    assert.ok(existsSync(sourceOf('grafana', home)))
    const text = readFileSync('deploy/grafana/provisioning/datasources/datasources.yml', 'utf8')
    const { datasources } = parse(text) as { datasources: { uid: string }[] }
    assert.deepEqual(
      datasources.map(({ uid }) => uid),
      ['prometheus', 'tempo'],
    )
    for (const host of hostsIn(text)) assert.ok(WATCHERS.includes(String(host)), host)
  })

  it('serves the runbooks where alerts and panels lead', () => {
    const { global } = read('deploy/prometheus/prometheus.yml') as {
      global: { external_labels: { runbooks: string } }
    }
    const { pathname, port } = new URL(global.external_labels.runbooks)
    assert.equal(
      sourceOf('grafana', pathname.replace('/public', '/usr/share/grafana/public')),
      'docs/runbooks',
    )
    assert.ok(compose.services['grafana']?.ports?.[0]?.includes(`GRAFANA_PORT:-${port}}`))
    assert.ok(
      readFileSync('deploy/grafana/dashboards/operations.json', 'utf8').includes(`${pathname}/no-worker.md`),
    )
  })

  it('has a collector whose pipeline is made of its parts, and which reaches Tempo', () => {
    const file = sourceOf('otel-collector', '/etc/collector.yml')
    const { service, ...parts } = read(file) as Record<string, object> & {
      service: { pipelines: { traces: Record<string, string[]> } }
    }
    const { traces } = service.pipelines
    for (const [kind, names] of Object.entries(traces)) {
      for (const name of names) assert.ok(name in (parts[kind] ?? {}), `${kind}: ${name}`)
    }
    assert.deepEqual(hostsIn(readFileSync(file, 'utf8')), ['0.0.0.0', 'tempo'])
    const tempo = readFileSync(sourceOf('tempo', '/etc/tempo.yml'), 'utf8')
    assert.match(tempo, /endpoint: 0\.0\.0\.0:4317\n/)
    assert.match(tempo, /path: \/var\/tempo\//)
  })
})
