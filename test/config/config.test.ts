import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, describe, it } from 'node:test'
import { ConfigError, childEnvironment, readConfig } from '../../src/config/config.ts'
import { ENVIRONMENT, SECRET_NAMES } from '../../src/config/environment.ts'
import { type App, defineAgent, defineApp } from '../../src/index.ts'
import { PRODUCT_VARIABLES } from '../../src/policies/variables.ts'

const problemsOf = (variables: Record<string, string>): readonly string[] => {
  try {
    readConfig(variables)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.problems
  }
}

const builtIn = (name: 'openai' | 'anthropic', baseUrl: string, apiKey: string | null = null) => ({
  name,
  wires: name === 'openai' ? ['openai-responses', 'openai-chat'] : ['anthropic-messages'],
  baseUrl,
  apiKey,
  keyVariable: name === 'openai' ? 'OPENAI_API_KEY' : 'ANTHROPIC_API_KEY',
})

function appWithServers(): App {
  return defineApp({
    name: 'desk',
    agents: [defineAgent({ name: 'desk', version: 'v1', instructions: 'You help.' })],
    models: {
      providers: {
        vllm: { wire: 'openai-chat', baseUrl: 'http://10.0.0.7:8000/v1', apiKey: 'VLLM_KEY' },
        'ollama-lab': { wire: 'openai-chat', baseUrl: 'http://localhost:11434/v1' },
      },
    },
  })
}

const OTLP = 'OTEL_EXPORTER_OTLP_ENDPOINT'

describe('configuration', () => {
  it('sends traces where a collector is named, with headers that are percent-encoded', () => {
    const traces = readConfig({
      [OTLP]: 'http://collector:4318/',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20eDp5, x-scope = one',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-scope=two',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=desk,team=a%2Cb',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    }).traces
    assert.deepEqual(traces, {
      url: 'http://collector:4318/v1/traces',
      headers: { authorization: 'Basic eDp5', 'x-scope': 'two' },
      serviceName: 'desk',
      resource: { 'service.name': 'desk', team: 'a,b' },
      sampler: 'parentbased_traceidratio',
      ratio: 0.25,
      content: false,
    })
    const whole = readConfig({
      [OTLP]: 'http://collector:4318',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other:9999/api/public/otel/v1/traces',
      OTEL_SERVICE_NAME: 'api',
    }).traces
    assert.deepEqual([whole?.url, whole?.serviceName], ['http://other:9999/api/public/otel/v1/traces', 'api'])
  })

  it('puts words into spans only where that is said', () => {
    const traces = readConfig({ [OTLP]: 'http://collector:4318', HOLDFAST_TRACE_CONTENT: 'true' }).traces
    assert.equal(traces?.content, true)
  })

  it('makes no traces without a collector, and none where the SDK is disabled', () => {
    assert.equal(readConfig({ OTEL_SERVICE_NAME: 'api' }).traces, null)
    assert.equal(readConfig({ [OTLP]: 'http://collector:4318', OTEL_SDK_DISABLED: 'true' }).traces, null)
  })

  it('says what of the settings of traces is wrong, and quotes no header', () => {
    const problems = problemsOf({
      [OTLP]: 'collector:4318',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_SAMPLER: 'sometimes',
      OTEL_TRACES_SAMPLER_ARG: '2',
    })
    assert.equal(problems.length, 4)
    const headers = problemsOf({
      [OTLP]: 'http://c:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization:hunter2',
    })
    assert.equal(headers.length, 1)
    assert.doesNotMatch(headers.join(), /hunter2/)
    assert.equal(problemsOf({ [OTLP]: 'http://c:4318', OTEL_EXPORTER_OTLP_HEADERS: 'a=%zz' }).length, 1)
    assert.equal(problemsOf({ [OTLP]: 'http://c:4318', OTEL_EXPORTER_OTLP_HEADERS: 'a=b%0Ac' }).length, 1)
    assert.equal(problemsOf({ [OTLP]: 'http://c:4318', OTEL_EXPORTER_OTLP_HEADERS: 'a b=c' }).length, 1)
  })

  it('refuses an endpoint of all signals with a query, which /v1/traces cannot be added to', () => {
    const [problem, ...others] = problemsOf({ [OTLP]: 'http://c:4318/x?token=hunter2' })
    assert.match(
      problem ?? '',
      /^OTEL_EXPORTER_OTLP_ENDPOINT has a query .* OTEL_EXPORTER_OTLP_TRACES_ENDPOINT/,
    )
    assert.doesNotMatch(problem ?? '', /hunter2/)
    assert.deepEqual(others, [])
    const url = 'http://c:4318/v1/traces?token=one'
    assert.equal(readConfig({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url }).traces?.url, url)
  })

  it('lists a problem of the collector’s headers beside all others', () => {
    const problems = problemsOf({ PORT: 'none', OTEL_EXPORTER_OTLP_HEADERS: 'authorization:hunter2' })
    assert.deepEqual(
      problems.map((problem) => problem.split(' ')[0]),
      ['PORT', 'OTEL_EXPORTER_OTLP_HEADERS'],
    )
  })

  it('takes the collector’s headers that carry credentials for secrets, as they are sent and without the scheme', () => {
    const { log } = readConfig({
      OTEL_EXPORTER_OTLP_HEADERS:
        'authorization=Basic%20eDp5enl4,x-ingestion-key=hunter%202,x-honeycomb-team=team-key,x-by=Bearer%20one.two',
    })
    for (const secret of ['Basic eDp5enl4', 'eDp5enl4', 'hunter 2', 'team-key', 'Bearer one.two', 'one.two'])
      assert.ok(log.secrets.includes(secret), secret)
  })

  it('takes no other header of the collector for a secret: it may be a word of many lines', () => {
    const { log } = readConfig({
      OTEL_EXPORTER_OTLP_HEADERS:
        'x-honeycomb-dataset=production,x-scope-orgid=tenant-1,x-langfuse-ingestion-version=4',
    })
    for (const word of ['production', 'tenant-1', '4']) assert.ok(!log.secrets.includes(word), word)
  })

  it('is complete with nothing set', () => {
    assert.deepEqual(readConfig({}, true), {
      appEnv: {},
      api: { host: '127.0.0.1', port: 3000 },
      client: { apiUrl: null, apiKey: null },
      worker: { host: '127.0.0.1', port: 3001, loopbackOnly: true },
      metrics: { openTo: 'here', tenants: false },
      dataDir: resolve('.data'),
      cacheDir: join(homedir(), '.cache', 'holdfast'),
      databaseUrl: null,
      temporal: {
        address: null,
        namespace: 'default',
        taskQueue: 'holdfast',
        port: 7233,
        uiPort: 8233,
        tls: null,
        apiKey: null,
      },
      deployment: { name: 'holdfast', versioning: 'off' },
      providers: [
        builtIn('openai', 'https://api.openai.com/v1'),
        builtIn('anthropic', 'https://api.anthropic.com'),
      ],
      pricesPath: null,
      dialectsPath: null,
      limitsPath: null,
      apiLimitsPath: null,
      embeddings: null,
      auth: 'keys',
      tokens: null,
      corsOrigins: [],
      secret: null,
      webUiUrl: null,
      dossier: 'full',
      dailyReport: 'on',
      webhookHosts: [],
      log: { levels: { base: 'info', areas: {} }, format: 'pretty', content: false, secrets: [] },
      traces: null,
    })
  })

  it('takes hosts that webhooks may reach as URLs spell them, each with its port', () => {
    const hosts = (list: string) => readConfig({ HOLDFAST_WEBHOOK_HOSTS: list }, true).webhookHosts
    assert.deepEqual(hosts('Hooks.internal:8080, 10.0.0.7:443,[fd00::7]:9000,'), [
      'hooks.internal:8080',
      '10.0.0.7:443',
      '[fd00::7]:9000',
    ])
    for (const list of ['hooks.internal', 'http://hooks.internal:80', 'fd00::7:80', '*:80', 'a:1 b:2'])
      assert.throws(() => hosts(list), /HOLDFAST_WEBHOOK_HOSTS is not a list of host:port/, list)
  })

  it('takes pinned versioning and the name of a deployment, and nothing that Temporal could not name', () => {
    const { deployment } = readConfig(
      { HOLDFAST_VERSIONING: 'pinned', HOLDFAST_DEPLOYMENT: 'shop-eu_1' },
      true,
    )
    assert.deepEqual(deployment, { name: 'shop-eu_1', versioning: 'pinned' })
    for (const [name, value] of [
      ['HOLDFAST_VERSIONING', 'on'],
      ['HOLDFAST_DEPLOYMENT', "shop's"],
      ['HOLDFAST_DEPLOYMENT', 'shop.eu'],
      ['HOLDFAST_DEPLOYMENT', 'x'.repeat(101)],
    ] as const)
      assert.throws(() => readConfig({ [name]: value }, true), new RegExp(`${name} is `), value)
  })

  it('reads the variables of the application with its own, and tells the problems of both at once', () => {
    const names = ['CORP_URL', 'HOLDFAST_DEMO_CORP']
    const app = (answer: { env: unknown } | { problems: string[] }) => ({
      names,
      read: () => answer,
      readProviders: () => ({ providers: [], problems: ['CORP_BASE_URL is not an http:// or https:// URL'] }),
      secretValues: () => [],
    })
    const variables = { PORT: 'none', HOLDFAST_DEMO_CORP: '1', HOLDFAST_DEMO: '1' }
    assert.throws(
      () => readConfig(variables, true, app({ problems: ['CORP_URL is not set'] })),
      ({ problems }: ConfigError) => {
        assert.deepEqual(
          problems.map((problem) => problem.split(' ')[0]),
          ['HOLDFAST_DEMO', 'PORT', 'CORP_URL', 'CORP_BASE_URL'],
        )
        return true
      },
    )
    const env = { CORP_URL: 'https://corp.example' }
    const readProviders = () => ({ providers: [], problems: [] })
    assert.deepEqual(
      readConfig({}, true, { names, read: () => ({ env }), readProviders, secretValues: () => [] }).appEnv,
      env,
    )
  })

  it('takes an empty value for an unset one', () => {
    assert.deepEqual(readConfig({ PORT: '', DATABASE_URL: '', HOLDFAST_DATA_DIR: '' }), readConfig({}))
  })

  it('listens anywhere with keys, and on loopback by whatever name without', () => {
    for (const HOST of ['0.0.0.0', '::', '10.1.2.3', 'api.example.com']) {
      assert.equal(readConfig({ HOST }).api.host, HOST)
    }
    for (const HOST of ['localhost', '::1', '127.0.0.2']) {
      assert.equal(readConfig({ HOST, HOLDFAST_AUTH: 'none' }).api.host, HOST)
    }
  })

  it('logs JSON where no person reads along, unless told otherwise', () => {
    assert.equal(readConfig({}, false).log.format, 'json')
    assert.equal(readConfig({ LOG_FORMAT: 'pretty' }, false).log.format, 'pretty')
  })

  it('keeps its cache where XDG_CACHE_HOME says, unless HOLDFAST_CACHE_DIR says more', () => {
    assert.equal(readConfig({ XDG_CACHE_HOME: '/caches' }).cacheDir, '/caches/holdfast')
    assert.equal(readConfig({ XDG_CACHE_HOME: '/caches', HOLDFAST_CACHE_DIR: '/mine' }).cacheDir, '/mine')
  })

  it('takes a path of prices or dialects from the working directory on', () => {
    assert.equal(readConfig({ HOLDFAST_PRICES: 'prices.json' }).pricesPath, resolve('prices.json'))
    assert.equal(readConfig({ HOLDFAST_DIALECTS: 'dialects.json' }).dialectsPath, resolve('dialects.json'))
    assert.equal(readConfig({ HOLDFAST_LIMITS: 'limits.json' }).limitsPath, resolve('limits.json'))
    assert.equal(readConfig({ HOLDFAST_API_LIMITS: 'api.json' }).apiLimitsPath, resolve('api.json'))
  })

  it('reads an embeddings server, of which address and model go together', () => {
    const baseUrl = 'http://embed:8080/v1'
    const pair = { HOLDFAST_EMBEDDINGS_BASE_URL: baseUrl, HOLDFAST_EMBEDDINGS_MODEL: 'e5' }
    assert.deepEqual(readConfig(pair).embeddings, { baseUrl, apiKey: null, model: 'e5', prefix: '' })
    const more = { HOLDFAST_EMBEDDINGS_API_KEY: 'k', HOLDFAST_EMBEDDINGS_PREFIX: 'query: ' }
    assert.deepEqual(readConfig({ ...pair, ...more }).embeddings, {
      baseUrl,
      apiKey: 'k',
      model: 'e5',
      prefix: 'query: ',
    })
    assert.equal(readConfig({}).embeddings, null)
    assert.deepEqual(problemsOf({ ...more, HOLDFAST_EMBEDDINGS_MODEL: 'e5' }).length, 3)
    assert.match(
      problemsOf({ ...pair, HOLDFAST_EMBEDDINGS_BASE_URL: 'embed:8080' }).join(),
      /HOLDFAST_EMBEDDINGS_BASE_URL is not an http/,
    )
  })

  it('reads providers with and without a base URL', () => {
    const { providers } = readConfig({
      OPENAI_API_KEY: 'k1',
      OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
      ANTHROPIC_API_KEY: 'k2',
    })
    assert.deepEqual(providers, [
      builtIn('openai', 'http://127.0.0.1:9/v1', 'k1'),
      builtIn('anthropic', 'https://api.anthropic.com', 'k2'),
    ])
  })

  describe('with servers of the application', () => {
    const { environment } = appWithServers()
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-config-'))
    after(() => rmSync(directory, { recursive: true }))
    const read = (variables: Record<string, string>) => readConfig(variables, true, environment)
    const server = (name: string, baseUrl: string, apiKey: string | null, keyVariable: string | null) => ({
      name,
      wires: ['openai-chat'],
      baseUrl,
      apiKey,
      keyVariable,
    })

    it('reads their keys, and addresses that differ from those that the application names', () => {
      const { providers } = read({ VLLM_KEY: 'k3', OLLAMA_LAB_BASE_URL: 'http://lab:11434/v1' })
      assert.deepEqual(providers.slice(2), [
        server('vllm', 'http://10.0.0.7:8000/v1', 'k3', 'VLLM_KEY'),
        server('ollama-lab', 'http://lab:11434/v1', null, null),
      ])
      assert.deepEqual(read({}).providers[2], server('vllm', 'http://10.0.0.7:8000/v1', null, 'VLLM_KEY'))
    })

    it('reads a key from the file that is named in its place', () => {
      const path = join(directory, 'vllm-key')
      writeFileSync(path, 'from-file\n')
      assert.equal(read({ VLLM_KEY_FILE: path }).providers[2]?.apiKey, 'from-file')
    })

    it('tells what is wrong with them with the rest, and shows no key', () => {
      assert.throws(
        () => read({ PORT: 'none', VLLM_KEY: 'zwei Wörter', VLLM_BASE_URL: 'vllm:8000' }),
        ({ problems, message }: ConfigError) => {
          assert.deepEqual(
            problems.map((problem) => problem.split(' ')[0]),
            ['PORT', 'VLLM_BASE_URL', 'VLLM_KEY'],
          )
          return !message.includes('zwei')
        },
      )
    })

    it('keeps their keys from child processes', (t) => {
      process.env['VLLM_KEY'] = 'k3'
      t.after(() => delete process.env['VLLM_KEY'])
      assert.equal(childEnvironment({}, environment.secrets)['VLLM_KEY'], undefined)
    })
  })

  const BAD: [string, Record<string, string>, RegExp][] = [
    [
      'an unknown name of ours',
      { HOLDFAST_DATADIR: 'x' },
      /^HOLDFAST_DATADIR is not a name .*HOLDFAST_DATA_DIR/,
    ],
    ['a port that is no number', { PORT: 'http' }, /^PORT is not a port/],
    ['a port out of range', { TEMPORAL_PORT: '65536' }, /^TEMPORAL_PORT is not a port/],
    ['a negative port', { TEMPORAL_UI_PORT: '-1' }, /^TEMPORAL_UI_PORT is not a port/],
    ['a fractional port', { PORT: '80.5' }, /^PORT is not a port/],
    [
      'an open host without authentication',
      { HOST: '0.0.0.0', HOLDFAST_AUTH: 'none' },
      /^HOST is not a loopback address/,
    ],
    [
      'a name for a host without authentication',
      { HOST: 'example.com', HOLDFAST_AUTH: 'none' },
      /^HOST is not a loopback address/,
    ],
    [
      'an address that is none, without authentication',
      { HOST: '127.999.1.1', HOLDFAST_AUTH: 'none' },
      /^HOST is not a loopback address/,
    ],
    [
      'a Web UI that is none',
      { HOLDFAST_WEB_UI_URL: 'localhost:8233' },
      /^HOLDFAST_WEB_UI_URL is not an http/,
    ],
    ['a host that is none', { HOST: 'http://localhost' }, /^HOST is not an address/],
    [
      'a dossier of another kind',
      { HOLDFAST_DOSSIER: 'some' },
      /^HOLDFAST_DOSSIER is neither "full" nor "off"$/,
    ],
    ['an API that is no URL', { HOLDFAST_API_URL: 'localhost:3000' }, /^HOLDFAST_API_URL is not an http/],
    ['a key of two lines', { HOLDFAST_API_KEY: 'a\nb' }, /^HOLDFAST_API_KEY is not a key/],
    ['a short secret', { HOLDFAST_SECRET: 'x'.repeat(31) }, /^HOLDFAST_SECRET is too short/],
    ['another database', { DATABASE_URL: 'mysql://localhost/x' }, /^DATABASE_URL is not a postgres:\/\/ URL/],
    ['an address without a port', { TEMPORAL_ADDRESS: 'localhost' }, /^TEMPORAL_ADDRESS is not host:port/],
    [
      'an address with a scheme',
      { TEMPORAL_ADDRESS: 'http://localhost:7233' },
      /^TEMPORAL_ADDRESS is not host:port/,
    ],
    ['a namespace with a space', { TEMPORAL_NAMESPACE: 'a b' }, /^TEMPORAL_NAMESPACE is not a name/],
    [
      'an auth mode that is not there',
      { HOLDFAST_AUTH: 'jwt' },
      /^HOLDFAST_AUTH is neither "keys" nor "none"/,
    ],
    ['a level that is not one', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL has the level/],
    ['a format that is not one', { LOG_FORMAT: 'xml' }, /^LOG_FORMAT is neither/],
    ['a flag that is not one', { TEMPORAL_TLS: 'yes' }, /^TEMPORAL_TLS is neither true/],
    [
      'a base URL without its key',
      { OPENAI_BASE_URL: 'http://127.0.0.1:1' },
      /^OPENAI_BASE_URL .* go together/,
    ],
    [
      'a base URL that is none',
      { ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: 'ftp://x' },
      /^ANTHROPIC_BASE_URL is not/,
    ],
    ['a Temporal key with no server', { TEMPORAL_API_KEY: 'k' }, /^TEMPORAL_API_KEY .*TEMPORAL_ADDRESS/],
    [
      'a certificate without its key',
      { TEMPORAL_TLS_CLIENT_CERT_DATA: 'pem' },
      /^TEMPORAL_TLS_CLIENT_CERT_DATA .* go together/,
    ],
    [
      'a key without its certificate',
      { TEMPORAL_TLS_CLIENT_KEY_DATA: 'pem' },
      /^TEMPORAL_TLS_CLIENT_KEY_DATA .* go together/,
    ],
    [
      'a certificate that is not there',
      { TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere.pem' },
      /could not be read \(ENOENT\)/,
    ],
  ]
  for (const [what, variables, problem] of BAD) {
    it(`refuses ${what}`, () => {
      const problems = problemsOf(variables)
      assert.equal(problems.length, 1, problems.join('\n'))
      assert.match(String(problems[0]), problem)
    })
  }

  it('reads a level for all areas and levels of some', () => {
    const { levels } = readConfig({ LOG_LEVEL: 'warn, models=debug,http=silent' }).log
    assert.deepEqual(levels, { base: 'warn', areas: { models: 'debug', http: 'silent' } })
    const alone = readConfig({ LOG_LEVEL: 'models=debug' }).log.levels
    assert.deepEqual(alone, { base: 'info', areas: { models: 'debug' } })
  })

  it('refuses levels and areas that there are not, all at once', () => {
    const problems = problemsOf({
      LOG_LEVEL: 'loud,models=quiet,modles=info,http=info,http=warn,,runs=info=warn',
    })
    const levels = 'there are trace, debug, info, warn, error, fatal, silent'
    const areas =
      'there are runs, models, tools, approvals, http, store, temporal, traffic, cache, upkeep, webhooks, app'
    assert.deepEqual(problems, [
      `LOG_LEVEL has the level "loud"; ${levels}`,
      `LOG_LEVEL has for models the level "quiet"; ${levels}`,
      `LOG_LEVEL has the area "modles"; ${areas}`,
      'LOG_LEVEL has two levels for http: info and warn',
      `LOG_LEVEL has the level ""; ${levels}`,
      `LOG_LEVEL has for runs the level "info=warn"; ${levels}`,
    ])
  })

  it('keeps the values of all secrets for what redacts the log, those of the application too', () => {
    const variables = { HOLDFAST_SECRET: 's'.repeat(32), OPENAI_API_KEY: 'key-of-openai' }
    const app = {
      names: [],
      read: () => ({ env: {} }),
      readProviders: () => ({ providers: [], problems: [] }),
      secretValues: () => ['of-the-app'],
    }
    const { secrets } = readConfig(variables, true, app).log
    assert.deepEqual(secrets, ['s'.repeat(32), 'key-of-openai', 'of-the-app'])
  })

  it('reports everything that is wrong at once', () => {
    const problems = problemsOf({
      HOLDFAST_DATADIR: 'x',
      PORT: 'http',
      DATABASE_URL: 'mysql://localhost/x',
      OPENAI_BASE_URL: 'http://127.0.0.1:1',
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere.pem',
    })
    const named = problems.map((problem) => problem.split(' ')[0])
    assert.deepEqual(named, [
      'HOLDFAST_DATADIR',
      'PORT',
      'DATABASE_URL',
      'OPENAI_BASE_URL',
      'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    ])
  })

  it('never repeats a secret in a problem', () => {
    const secret = 'tr0ub4dor'
    const problems = problemsOf({
      DATABASE_URL: `mysql://user:${secret}@host/db`,
      TEMPORAL_API_KEY: secret,
      TEMPORAL_TLS_CLIENT_KEY_DATA: secret,
      OPENAI_API_KEY: secret,
      HOLDFAST_SECRET: secret,
      PORT: 'x',
    })
    assert.ok(problems.length >= 4)
    assert.ok(!problems.join('\n').includes(secret))
  })

  it('keeps secrets from child processes', (t) => {
    const before = { ...process.env }
    t.after(() => {
      process.env = before
    })
    for (const name of SECRET_NAMES) process.env[name] = 'secret'
    const environment = childEnvironment({ EXTRA: '1' })
    assert.ok(!Object.values(environment).includes('secret'))
    assert.equal(environment['EXTRA'], '1')
    assert.equal(environment['PATH'], before['PATH'])
  })
})

describe('TLS to Temporal', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-config-'))
  const path = join(directory, 'file.pem')
  writeFileSync(path, 'from a file')
  after(() => rmSync(directory, { recursive: true }))
  const tls = (variables: Record<string, string>) => readConfig(variables).temporal.tls

  it('is off, or left to the API key, where nothing is said', () => assert.equal(tls({}), null))
  it('is on or off as TEMPORAL_TLS says', () => {
    assert.equal(tls({ TEMPORAL_TLS: 'true' }), true)
    assert.equal(tls({ TEMPORAL_TLS: '0', TEMPORAL_TLS_SERVER_NAME: 'x' }), false)
  })
  it('is on with whatever detail is given, from a file or as text', () => {
    assert.deepEqual(
      tls({
        TEMPORAL_TLS_CLIENT_CERT_PATH: path,
        TEMPORAL_TLS_CLIENT_KEY_DATA: 'as text',
        TEMPORAL_TLS_SERVER_CA_CERT_PATH: path,
        TEMPORAL_TLS_SERVER_NAME: 'temporal.example',
      }),
      {
        clientCertPair: { crt: Buffer.from('from a file'), key: Buffer.from('as text') },
        serverRootCACertificate: Buffer.from('from a file'),
        serverNameOverride: 'temporal.example',
      },
    )
  })
  it('refuses the same thing twice', () => {
    assert.match(
      problemsOf({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: path, TEMPORAL_TLS_SERVER_CA_CERT_DATA: 'x' }).join(
        '\n',
      ),
      /both set/,
    )
  })
})

describe('every name that is read', () => {
  const names = Object.keys(ENVIRONMENT.shape)

  it('are those that applications may not name', () => {
    assert.deepEqual([...PRODUCT_VARIABLES].toSorted(), names.toSorted())
  })
  for (const file of ['.env.example', 'docs/configuration.md']) {
    it(`stands in ${file}`, () => {
      const text = readFileSync(file, 'utf8')
      const missing = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))
      assert.deepEqual(missing, [])
    })
  }

  it('is the only kind of name in .env.example', () => {
    const listed = [...readFileSync('.env.example', 'utf8').matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(
      ([, name]) => name,
    )
    assert.deepEqual(listed.toSorted(), names.toSorted())
  })
})
