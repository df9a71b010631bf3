import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { after, before, test } from 'node:test'
import type { ResolveName } from '../../../src/activities/webhooks/guarded-connect.ts'
import { openWebhookClient, proveGuard } from '../../../src/activities/webhooks/open-webhook-client.ts'
import { createWebhookClient } from '../../../src/activities/webhooks/webhook-client.ts'
import { readWebhookUrl } from '../../../src/security/webhooks/webhook-url.ts'

/** A server that nothing may reach, on all addresses of loopback. */
let reached = 0
const canary = createServer((socket) => {
  reached += 1
  socket.destroy()
})
let port = 0

before(async () => {
  canary.listen(0)
  await once(canary, 'listening')
  port = (canary.address() as AddressInfo).port
})
after(() => canary.close())

const v4 = (address: string): LookupAddress => ({ address, family: 4 })
const v6 = (address: string): LookupAddress => ({ address, family: 6 })

/** What names lead to, in place of a resolver. A name without an entry is the system's to resolve, as `localhost` is. */
const NAMES: Readonly<Record<string, readonly LookupAddress[]>> = {
  'loopback.example': [v4('127.0.0.1')],
  'loopback6.example': [v6('::1')],
  'mapped.example': [v6('::ffff:127.0.0.1')],
  'unspecified.example': [v4('0.0.0.0')],
  'metadata.example': [v4('169.254.169.254')],
  'private.example': [v4('10.0.0.1')],
  'unique-local.example': [v6('fd00::1')],
  'nat64.example': [v6('64:ff9b::7f00:1')],
  '6to4.example': [v6('2002:7f00:1::')],
  'mixed.example': [v4('8.8.8.8'), v4('127.0.0.1')],
  'mixed6.example': [v6('2606:4700::1'), v6('::1')],
  'nothing.example': [],
  'xn--fa-hia.example': [v4('127.0.0.1')],
}

const resolveName: ResolveName = (hostname, done) =>
  done(null, NAMES[hostname.replace(/\.$/, '')] ?? [v4('127.0.0.1')])

const HOSTS = [
  // Addresses of loopback, in every spelling that a URL knows.
  ...[
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0x7F.0x0.0x0.0x1',
    '0177.0.0.1',
  ],
  ...[
    '017700000001',
    '127.0.0.1.',
    '0x7f.1',
    '127.000.000.001',
    '１２７.0.0.1',
    '127。0。0。1',
    '127．0．0．1',
    '127｡1',
  ],
  ...['%31%32%37.0.0.1', '127.255.255.254', '0', '0.0.0.0', '0x0', '00', '0.0', '⓪'],
  // IPv6.
  ...['[::1]', '[0:0:0:0:0:0:0:1]', '[0000::0001]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
  ...['[0:0:0:0:0:ffff:7f00:1]', '[::127.0.0.1]', '[::7f00:1]', '[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]'],
  ...[
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[fe80::1]',
    '[fd00::1]',
    '[fec0::1]',
    '[ff02::1]',
  ],
  // Other networks that are not public.
  ...[
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '169.254.169.254',
    '2852039166',
    '100.64.0.1',
    '100.100.100.200',
  ],
  ...['192.0.0.192', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255', '168.63.129.16'],
  // Names.
  ...[
    'localhost',
    'localhost.',
    'LOCALHOST',
    'LocalHost.',
    'a.localhost',
    'ｌｏｃａｌｈｏｓｔ',
    'ⓛocalhost',
    'local%68ost',
  ],
  ...['host.docker.internal', 'printer.local', 'router.home.arpa', 'metadata.google.internal', 'intranet'],
  ...Object.keys(NAMES),
  ...['loopback.example.', 'LOOPBACK.example', 'loopback。example', 'loopback．example', 'faß.example'],
]

/** Each host with the canary's port, in the ways that a URL can be written. */
function urls(): string[] {
  return [
    ...HOSTS.map((host) => `https://${host}:${port}/`),
    ...['http:', 'HTTPS:', 'https:\\\\', 'https:/'].flatMap((scheme) => [
      `${scheme}${scheme.length > 6 ? '' : '//'}127.0.0.1:${port}/`,
      `${scheme}${scheme.length > 6 ? '' : '//'}localhost:${port}/`,
    ]),
    ...['ftp', 'file', 'ws', 'wss', 'gopher', 'data', 'javascript', 'unix'].map(
      (scheme) => `${scheme}://127.0.0.1:${port}/`,
    ),
    `https://user:password@127.0.0.1:${port}/`,
    `https://hooks.example@127.0.0.1:${port}/`,
    `https://hooks.example:443@127.0.0.1:${port}/`,
    `https://127.0.0.1:${port}@hooks.example/`,
    `https://127.0.0.1:${port}#@hooks.example/`,
    `https://127.0.0.1:${port}\\@hooks.example/`,
    `https://hooks.example%00@127.0.0.1:${port}/`,
    ` https://127.0.0.1:${port}/ `,
    `https://127.0.0.1\t:${port}/`,
    `ht\ntps://127.0.0.1:${port}/`,
    `//127.0.0.1:${port}/`,
    `127.0.0.1:${port}`,
    '',
  ]
}

test('no spelling of a private host is reached', async () => {
  const client = createWebhookClient({ allowedHosts: new Set(), resolveName })
  const all = urls()
  assert.ok(all.length >= 60, `${all.length} URLs`)
  const answered: string[] = []
  for (const url of all) {
    if (!URL.canParse(url)) {
      assert.ok('problem' in readWebhookUrl(url, new Set()), url)
      continue
    }
    // As if the check of the URL had let it through.
    const answer = await client.post({ url, headers: {}, body: '{}' })
    if (!('code' in answer)) answered.push(url)
  }
  await client.close()
  assert.deepEqual(answered, [])
  assert.equal(reached, 0)
})

test('what can be told by the URL alone is refused when it is given', () => {
  const taken = HOSTS.filter((host) => !host.toLowerCase().includes('example'))
    .map((host) => `https://${host}/`)
    .filter((url) => !('problem' in readWebhookUrl(url, new Set())))
  assert.deepEqual(taken, [])
  for (const url of [
    'http://hooks.example/',
    'https://a:b@hooks.example/',
    'ftp://hooks.example/',
    'hooks.example',
  ])
    assert.ok('problem' in readWebhookUrl(url, new Set()), url)
  assert.deepEqual(readWebhookUrl('https://Hooks.Example:8443/a?b=c#d', new Set()), {
    href: 'https://hooks.example:8443/a?b=c',
    host: 'hooks.example:8443',
  })
})

test('a name that leads to the internet first and to loopback then is never reached there', async () => {
  let lookUps = 0
  const rebinding: ResolveName = (_hostname, done) => {
    lookUps += 1
    // A public address that nobody answers at: the connection is what is looked at, not a look before it.
    done(null, [lookUps === 1 ? v4('8.8.8.8') : v4('127.0.0.1')])
  }
  const client = createWebhookClient({ allowedHosts: new Set(), resolveName: rebinding })
  const url = `https://rebinding.example:${port}/`
  rebinding('rebinding.example', (_error, [first]) => assert.equal(first?.address, '8.8.8.8'))
  for (let times = 0; times < 3; times += 1) {
    const answer = await client.post({ url, headers: {}, body: '{}' })
    assert.ok('code' in answer && answer.code === 'webhook_address_refused')
  }
  await client.close()
  assert.equal(lookUps, 4, 'each connection has looked the name up once')
  assert.equal(reached, 0)
})

test('a redirect to a private host is an answer, and not followed', async () => {
  const redirecting = createHttpServer((_request, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end()
  }).listen(0, '127.0.0.1')
  await once(redirecting, 'listening')
  const host = `127.0.0.1:${(redirecting.address() as AddressInfo).port}`
  const client = createWebhookClient({ allowedHosts: new Set([host]) })
  const answer = await client.post({ url: `http://${host}/`, headers: {}, body: '{}' })
  assert.deepEqual(answer, { status: 307, retryAfter: null })
  await client.close()
  redirecting.close()
  assert.equal(reached, 0)
})

test('an allowed host is reached at its own port alone, under the name that the configuration has', async () => {
  const client = createWebhookClient({ allowedHosts: new Set(['127.0.0.1:1']) })
  const allowed = await client.post({ url: 'http://127.0.0.1:1/', headers: {}, body: '' })
  assert.ok('code' in allowed && allowed.code === 'webhook_unreachable', 'nobody listens there')
  for (const url of [`http://127.0.0.1:${port}/`, 'http://localhost:1/', 'https://[::1]:1/']) {
    const answer = await client.post({ url, headers: {}, body: '' })
    assert.ok('code' in answer && answer.code === 'webhook_address_refused', url)
  }
  await client.close()
  assert.equal(reached, 0)
})

test('a worker starts with a client that has shown to refuse loopback, and not with another', async () => {
  await (await openWebhookClient(['127.0.0.1:1'])).close()
  const open = createWebhookClient({ allowedHosts: new Proxy(new Set<string>(), { get: () => () => true }) })
  await assert.rejects(proveGuard(open), /could reach 127\.0\.0\.1/)
  await open.close()
})

test('an answer whose body does not end counts by its status, and is not read to its end', async () => {
  const stalling = createHttpServer((request, response) => {
    if (request.url === '/endless') response.writeHead(200).write('x')
    else response.writeHead(200, { 'content-length': 100_000_000 }).write(Buffer.alloc(1_000_000))
  }).listen(0, '127.0.0.1')
  await once(stalling, 'listening')
  const host = `127.0.0.1:${(stalling.address() as AddressInfo).port}`
  const client = createWebhookClient({ allowedHosts: new Set([host]) })
  for (const path of ['/endless', '/huge']) {
    const answer = await client.post({ url: `http://${host}${path}`, headers: {}, body: '' })
    assert.deepEqual(answer, { status: 200, retryAfter: null })
  }
  await client.close()
  stalling.closeAllConnections()
  stalling.close()
})
