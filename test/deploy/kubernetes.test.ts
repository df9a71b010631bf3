import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, it } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { COMMANDS } from '../../src/cli/commands.ts'
import { ENVIRONMENT, SECRET_NAMES } from '../../src/config/environment.ts'
import { HTTP } from '../../src/policies/api.ts'
import { WORKER } from '../../src/policies/worker.ts'

type Labels = Readonly<Record<string, string>>

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
  readonly periodSeconds: number
  readonly failureThreshold: number
}

interface Container {
  readonly image: string
  readonly args: readonly string[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly env: readonly {
    readonly name: string
    readonly value?: string
    readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } }
  }[]
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
  readonly resources: { readonly requests: object; readonly limits: object }
  readonly securityContext: object
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number
  readonly enableServiceLinks: boolean
  readonly automountServiceAccountToken: boolean
  readonly serviceAccountName: string
  readonly securityContext: { readonly runAsNonRoot: boolean; readonly runAsUser: number }
  readonly containers: readonly [Container]
}

/** What these tests look at, of any kind of manifest. */
interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly data?: Labels
  readonly resources?: readonly string[]
  readonly spec?: {
    readonly replicas?: number
    readonly selector?: Labels & { readonly matchLabels?: Labels }
    readonly podSelector?: { readonly matchLabels: Labels }
    readonly scaleTargetRef?: { readonly kind: string; readonly name: string }
    readonly minReplicas?: number
    readonly metrics?: readonly { readonly external?: { readonly metric: { readonly name: string } } }[]
    readonly ports?: readonly { readonly targetPort: string }[]
    readonly ingress?: readonly { readonly ports: readonly { readonly port: string }[] }[]
    readonly template?: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec }
  }
}

const FILES = globSync('deploy/kubernetes/*.yaml').sort()
const read = (file: string) =>
  parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    assert.deepEqual(document.errors, [], file)
    return document.toJS() as Manifest
  })
const manifests = FILES.flatMap(read)
const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind)

/** Those with Pods of ours. */
const workloads = manifests.flatMap(({ metadata, spec }) => {
  if (spec?.template === undefined) return []
  const { metadata: pod, spec: podSpec } = spec.template
  return [{ name: metadata.name, spec, labels: pod.labels, pod: podSpec, container: podSpec.containers[0] }]
})
const workload = (name: string) => {
  const found = workloads.find((one) => one.name === name)
  assert.ok(found, `there is no ${name}`)
  return found
}

function selected(labels: Labels) {
  return workloads.filter((one) =>
    Object.entries(labels).every(([name, value]) => one.labels[name] === value),
  )
}

const deployments = [
  { name: 'holdfast-api', portName: 'PORT', stopsWithinMs: HTTP.drainMs + HTTP.closeMs },
  {
    name: 'holdfast-worker',
    portName: 'HOLDFAST_WORKER_PORT',
    stopsWithinMs: WORKER.shutdownForceMs + 1_000,
  },
]

describe('the Kubernetes manifests', () => {
  it('are all in the kustomization, each with a name of its own', () => {
    const [kustomization] = read('deploy/kubernetes/kustomization.yaml')
    assert.deepEqual(
      [...(kustomization?.resources ?? [])].sort(),
      FILES.map((file) => basename(file)).filter((file) => file !== 'kustomization.yaml'),
    )
    const named = manifests.filter(({ kind }) => kind !== 'Kustomization')
    for (const { apiVersion, kind, metadata } of named)
      assert.ok(apiVersion && kind && metadata.name, JSON.stringify({ apiVersion, kind }))
    const names = named.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    assert.equal(new Set(names).size, names.length)
    assert.deepEqual(workloads.map(({ name }) => name).sort(), [
      'holdfast-api',
      'holdfast-migrate',
      'holdfast-worker',
    ])
  })

  it('hold no secret: what is one comes from a Secret that is made elsewhere', () => {
    assert.deepEqual(ofKind('Secret'), [])
    const secret = new Set<string>(SECRET_NAMES)
    for (const { data } of ofKind('ConfigMap'))
      assert.deepEqual(
        Object.keys(data ?? {}).filter((name) => secret.has(name)),
        [],
      )
    for (const { container } of workloads) {
      for (const { name, value, valueFrom } of container.env)
        assert.equal(valueFrom?.secretKeyRef.key, value === undefined ? name : undefined, name)
      assert.deepEqual(
        container.env.filter(({ name, value }) => secret.has(name) && value !== undefined),
        [],
      )
    }
  })

  it('set only variables that Holdfast reads, to values that it takes', () => {
    const set = [
      ...ofKind('ConfigMap').flatMap(({ data }) => Object.entries(data ?? {})),
      ...workloads.flatMap(({ container }) => container.env.map(({ name, value }) => [name, value] as const)),
    ]
    assert.ok(set.length > 15)
    for (const [name, value] of set) {
      assert.ok(name in ENVIRONMENT.shape, `${name} is not a variable`)
      if (value === undefined) continue
      assert.equal(typeof value, 'string', `${name} is not quoted`)
      const { success, error } = ENVIRONMENT.shape[name as keyof typeof ENVIRONMENT.shape].safeParse(value)
      assert.ok(success, `${name}: ${error?.message}`)
    }
  })

  it('get no variables from Services, since unknown ones that begin with HOLDFAST_ are refused', () => {
    for (const { pod } of workloads) assert.equal(pod.enableServiceLinks, false)
  })

  it('give commands that there are', () => {
    assert.deepEqual(workloads.map(({ container }) => container.args.join(' ')).sort(), [
      'holdfast api',
      'holdfast migrate',
      'holdfast worker',
    ])
    for (const { container } of workloads) assert.ok(String(container.args[1]) in COMMANDS)
  })

  for (const { name, portName, stopsWithinMs } of deployments) {
    describe(name, () => {
      const { spec, labels, pod, container } = workload(name)

      it('selects its own Pods, and leaves their number to the autoscaler', () => {
        assert.deepEqual(
          selected(spec.selector?.matchLabels ?? {}).map((one) => one.name),
          [name],
        )
        assert.equal(spec.replicas, undefined)
        const scaler = ofKind('HorizontalPodAutoscaler').find((one) => one.metadata.name === name)
        assert.equal(scaler?.spec?.scaleTargetRef?.name, name)
        assert.ok(Number(scaler?.spec?.minReplicas) >= 2)
        assert.ok(labels['app.kubernetes.io/component'])
      })

      it('is asked on the port that it listens on, for /health and /ready', () => {
        const { startupProbe, livenessProbe, readinessProbe } = container
        const [port] = container.ports ?? []
        assert.equal(container.env.find((one) => one.name === portName)?.value, String(port?.containerPort))
        for (const probe of [startupProbe, livenessProbe])
          assert.deepEqual(probe.httpGet, { path: '/health', port: port?.name })
        assert.deepEqual(readinessProbe.httpGet, { path: '/ready', port: port?.name })
      })

      it('has more time to end than it takes', () => {
        assert.ok(pod.terminationGracePeriodSeconds * 1_000 >= stopsWithinMs + 5_000)
      })

      it('is disrupted one Pod at a time', () => {
        const budgets = ofKind('PodDisruptionBudget').filter((one) =>
          selected(one.spec?.selector?.matchLabels ?? {}).some((found) => found.name === name),
        )
        assert.equal(budgets.length, 1)
      })
    })
  }

  it('notice that an API is leaving before it stops taking requests', () => {
    const { periodSeconds, failureThreshold } = workload('holdfast-api').container.readinessProbe
    assert.ok(periodSeconds * failureThreshold * 1_000 < HTTP.drainMs)
  })

  it('run without privileges, tokens or a file system that can be written to, and within bounds', () => {
    for (const { pod, container } of workloads) {
      assert.equal(pod.automountServiceAccountToken, false)
      assert.ok(ofKind('ServiceAccount').some(({ metadata }) => metadata.name === pod.serviceAccountName))
      assert.deepEqual([pod.securityContext.runAsNonRoot, pod.securityContext.runAsUser], [true, 1_000])
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      assert.deepEqual(Object.keys(container.resources.requests), ['cpu', 'memory'])
      assert.deepEqual(Object.keys(container.resources.limits), ['memory'])
    }
  })

  it('open a Service and network policies to ports that the Pods have', () => {
    const ports = (labels: Labels) =>
      selected(labels).flatMap(({ container }) => (container.ports ?? []).map(({ name }) => name))
    const [service] = ofKind('Service')
    const { targetPort } = service?.spec?.ports?.[0] ?? {}
    assert.deepEqual(ports(service?.spec?.selector ?? {}), [targetPort])
    const policies = ofKind('NetworkPolicy')
    assert.equal(policies.length, workloads.length)
    for (const { metadata, spec } of policies) {
      const labels = spec?.podSelector?.matchLabels ?? {}
      assert.deepEqual(
        selected(labels).map(({ name }) => name),
        [metadata.name],
      )
      for (const { port } of (spec?.ingress ?? []).flatMap((rule) => rule.ports))
        assert.ok(ports(labels).includes(port), `${metadata.name}: ${port}`)
    }
  })

  it('scale workers by a metric that the APIs have', () => {
    const names = ofKind('HorizontalPodAutoscaler').flatMap(({ spec }) =>
      (spec?.metrics ?? []).flatMap(({ external }) => external?.metric.name ?? []),
    )
    assert.deepEqual(names, ['holdfast_queue_depth'])
    const source = globSync('src/telemetry/metrics/*.ts')
      .map((file) => readFileSync(file, 'utf8'))
      .join('')
    for (const name of names) assert.match(source, new RegExp(`\\b${name}\\b`))
  })
})
