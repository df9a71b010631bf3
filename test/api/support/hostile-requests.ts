import type { ErrorCode } from '../../../src/contracts/error-codes.ts'

/** Bytes that somebody sends who means no good, and what the documentation says that they are answered. */
export interface HostileRequest {
  readonly name: string
  /** `{key}` becomes a key that may read runs, `{run}` the id of a run of its principal. */
  readonly bytes: string
  /** A code of `docs/errors.md`; a number where the request is an ordinary one after all. */
  readonly answer: ErrorCode | number
}

const KEY = 'authorization: Bearer {key}'
const JSON_TYPE = 'content-type: application/json'
const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\n`
const get = (target: string, ...headers: string[]) =>
  lines(`GET ${target} HTTP/1.1`, 'host: localhost', KEY, ...headers)
const post = (body: string, ...headers: string[]) =>
  lines('POST /v1/runs HTTP/1.1', 'host: localhost', KEY, JSON_TYPE, ...headers) + body
const withBody = (body: string, ...headers: string[]) =>
  post(body, `content-length: ${Buffer.byteLength(body)}`, ...headers)

const row =
  (kind: string) =>
  (name: string, bytes: string, answer: HostileRequest['answer']): HostileRequest => ({
    name: `${kind}: ${name}`,
    bytes,
    answer,
  })

/** A path leads where it says, or nowhere: the key here may read runs, and `forbidden` would tell that a trick has led to the keys. */
const path = row('path')
const PATHS = [
  path('a way up', get('/v1/runs/../keys'), 'not_found'),
  path('a way up, encoded', get('/v1/runs/%2e%2e/keys'), 'not_found'),
  path('a way up, with its slash encoded', get('/v1/runs/..%2fkeys'), 'not_found'),
  path('a way up, encoded twice', get('/v1/runs/%252e%252e%252fkeys'), 'not_found'),
  path('a way up by backslashes', get('/v1/runs\\..\\keys'), 'not_found'),
  path('two slashes', get('/v1//runs'), 'not_found'),
  path('two slashes at the beginning', get('//v1/runs'), 'not_found'),
  path('a slash at the end', get('/v1/runs/'), 'not_found'),
  path('a slash that is encoded', get('/v1%2fruns'), 'not_found'),
  path('a parameter of the path', get('/v1/runs;admin=1'), 'not_found'),
  path('a parameter behind an id', get('/v1/runs/{run};x'), 'not_found'),
  path('capitals', get('/V1/RUNS'), 'not_found'),
  path('NUL behind an id', get('/v1/runs/{run}%00'), 'not_found'),
  path('NUL and a name', get('/v1/runs%00.json'), 'not_found'),
  path('bytes that are no UTF-8', get('/v1/runs/%ff%fe'), 'invalid_request'),
  path('UTF-8 that is too long', get('/v1/runs/%c0%ae%c0%ae'), 'invalid_request'),
  path('half an escape', get('/v1/runs/%'), 'invalid_request'),
  path('a line break in an id', get('/v1/runs/x%0d%0aset-cookie:%20a=b'), 'not_found'),
  path('a fragment, which no client sends', get('/v1/runs#/../keys'), 'invalid_request'),
  path('the keys by a whole URL, which every server takes', get('http://evil.example/v1/keys'), 'forbidden'),
  path('an asterisk', get('*'), 'not_found'),
  path('an asterisk in the place of a slash', get('*v1/runs'), 'not_found'),
  path('a file of the server', get('/docs/static/..%2f..%2f..%2fpackage.json'), 'not_found'),
  path('a file of the server, by dots', get('/docs/static/../../../package.json'), 'invalid_request'),
  path('a file that others leave lying about', get('/.git/config'), 'not_found'),
  path('a bidirectional override', get('/v1/runs/%e2%80%ae'), 'not_found'),
]

const head = row('header')
const HEADERS = [
  head('the same key twice', get('/v1/runs', KEY), 'invalid_request'),
  head('another key behind it', get('/v1/runs', 'authorization: Bearer hf_x'), 'invalid_request'),
  head('an empty key behind it', get('/v1/runs', 'Authorization:'), 'invalid_request'),
  head(
    'another key before it',
    lines('GET /v1/runs HTTP/1.1', 'host: localhost', 'authorization: Bearer hf_x', KEY),
    'invalid_request',
  ),
  head('two keys where none is asked for', get('/health', KEY), 'invalid_request'),
  head(
    'the key by another name',
    lines('GET /v1/runs HTTP/1.1', 'host: localhost', 'x-api-key: {key}'),
    'unauthenticated',
  ),
  head(
    'the key as a cookie',
    lines('GET /v1/runs HTTP/1.1', 'host: localhost', 'cookie: authorization={key}'),
    'unauthenticated',
  ),
  head(
    'the key in the query',
    lines('GET /v1/runs?access_token={key} HTTP/1.1', 'host: localhost'),
    'unauthenticated',
  ),
  head(
    'the key by another scheme',
    lines('GET /v1/runs HTTP/1.1', 'host: localhost', 'authorization: Basic {key}'),
    'unauthenticated',
  ),
  head(
    'two keys in one',
    lines('GET /v1/runs HTTP/1.1', 'host: localhost', 'authorization: Bearer {key}, Bearer {key}'),
    'unauthenticated',
  ),
  head(
    'a key and NUL',
    lines('GET /v1/runs HTTP/1.1', 'host: localhost', 'authorization: Bearer {key}\u0000'),
    'invalid_request',
  ),
  head('a line that is folded', get('/v1/runs', 'x-a: b', ' c: d'), 'invalid_request'),
  head('a blank before the colon', get('/v1/runs', 'x-a : b'), 'invalid_request'),
  head('a name with a blank', get('/v1/runs', 'x a: b'), 'invalid_request'),
  head('a bare carriage return', get('/v1/runs', 'x-a: b\rset-cookie: c'), 'invalid_request'),
  head('two hosts', get('/v1/runs', 'host: evil.example'), 'invalid_request'),
  head('a host that is somebody else', lines('GET /v1/runs HTTP/1.1', 'host: evil.example', KEY), 200),
  head('an origin that is nobody', get('/v1/runs', 'origin: null'), 200),
  head('another method', get('/v1/runs', 'x-http-method-override: DELETE'), 200),
  head('another path', get('/v1/runs', 'x-original-url: /v1/keys', 'x-rewrite-url: /v1/keys'), 200),
  head(
    'another address',
    get('/metrics', 'x-forwarded-for: 127.0.0.1', 'forwarded: for=127.0.0.1'),
    'forbidden',
  ),
  head('an upgrade', get('/v1/runs', 'connection: upgrade', 'upgrade: h2c'), 200),
  head('a range', get('/v1/runs', 'range: bytes=0-1'), 200),
  head('a request id', get('/v1/runs/x', 'x-request-id: req_mine'), 'not_found'),
]

const smuggled = row('smuggling')
const SMUGGLING = [
  smuggled(
    'a length and chunks',
    post('0\r\n\r\nGET /v1/keys HTTP/1.1\r\n\r\n', 'content-length: 6', 'transfer-encoding: chunked'),
    'invalid_request',
  ),
  smuggled(
    'chunks and a length',
    post('0\r\n\r\n', 'transfer-encoding: chunked', 'content-length: 5'),
    'invalid_request',
  ),
  smuggled('two lengths', post('{}', 'content-length: 2', 'content-length: 0'), 'invalid_request'),
  smuggled('a length that is a list', post('{}', 'content-length: 2, 2'), 'invalid_request'),
  smuggled('a length with a sign', post('{}', 'content-length: +2'), 'invalid_request'),
  smuggled('a length below nothing', post('{}', 'content-length: -2'), 'invalid_request'),
  smuggled('a length in another base', post('{}', 'content-length: 0x2'), 'invalid_request'),
  smuggled('a length beyond numbers', post('{}', `content-length: ${'9'.repeat(30)}`), 'invalid_request'),
  smuggled('an unknown encoding', post('0\r\n\r\n', 'transfer-encoding: xchunked'), 'invalid_request'),
  smuggled(
    'chunked, and then more',
    post('0\r\n\r\n', 'transfer-encoding: chunked, identity'),
    'invalid_request',
  ),
  smuggled(
    'two encodings',
    post('0\r\n\r\n', 'transfer-encoding: chunked', 'transfer-encoding: identity'),
    'invalid_request',
  ),
  smuggled(
    'a chunk with a sign',
    post('+2\r\n{}\r\n0\r\n\r\n', 'transfer-encoding: chunked'),
    'invalid_request',
  ),
  smuggled(
    'a chunk beyond numbers',
    post('fffffffffffffffff\r\n', 'transfer-encoding: chunked'),
    'invalid_request',
  ),
  smuggled(
    'a chunk without its end',
    post('2\r\n{}0\r\n\r\n', 'transfer-encoding: chunked'),
    'invalid_request',
  ),
]

const poison = row('prototype')
const PROTOTYPES = [
  poison(
    '__proto__',
    withBody('{"agent":"assistant","input":"x","__proto__":{"scopes":["admin"]}}'),
    'invalid_json',
  ),
  poison(
    '__proto__ further down',
    withBody('{"agent":"assistant","input":"x","metadata":{"__proto__":{"a":"b"}}}'),
    'invalid_json',
  ),
  poison(
    '__proto__ in other letters',
    withBody('{"agent":"assistant","input":"x","\\u005f_proto__":{"a":"b"}}'),
    'invalid_json',
  ),
  poison(
    'constructor.prototype',
    withBody('{"agent":"assistant","input":"x","constructor":{"prototype":{"a":1}}}'),
    'invalid_json',
  ),
  poison('constructor', withBody('{"agent":"assistant","input":"x","constructor":{}}'), 'invalid_request'),
  poison('in a query', get('/v1/runs?__proto__[admin]=1'), 'invalid_request'),
  poison('an entry of a query', get('/v1/runs?metadata[__proto__]=1'), 'invalid_request'),
  poison('an entry of a query, encoded', get('/v1/runs?metadata%5B__proto__%5D=1'), 'invalid_request'),
  poison('constructor as an entry, which is a name like any', get('/v1/runs?metadata[constructor]=1'), 200),
  poison('constructor in a query', get('/v1/runs?constructor[prototype][a]=1'), 'invalid_request'),
]

const huge = row('size')
const SIZES = [
  huge('an id of 2,000 characters', get(`/v1/runs/run_${'0'.repeat(2_000)}`), 'not_found'),
  huge('a target of 2,100 characters', get(`/v1/runs/run_${'0'.repeat(2_100)}`), 'uri_too_long'),
  huge('a header of 9 KB', get('/v1/runs', `x-a: ${'b'.repeat(9_000)}`), 'headers_too_large'),
  huge(
    '2,000 headers',
    get('/v1/runs', ...Array.from({ length: 2_000 }, (_, at) => `a${at}: b`)),
    'headers_too_large',
  ),
  huge(
    'a key of 4 KB',
    lines('GET /v1/runs HTTP/1.1', 'host: localhost', `authorization: Bearer hf_${'a'.repeat(4_000)}`),
    'unauthenticated',
  ),
  huge('a limit beyond numbers', get(`/v1/runs?limit=${'9'.repeat(400)}`), 'invalid_request'),
  huge('a cursor of nothing but noise', get(`/v1/runs?after=${'A'.repeat(499)}`), 'invalid_cursor'),
  huge('a parameter 500 times', get(`/v1/runs?${Array(150).fill('limit=1').join('&')}`), 'invalid_request'),
]

export const HOSTILE_REQUESTS: readonly HostileRequest[] = [
  ...PATHS,
  ...HEADERS,
  ...SMUGGLING,
  ...PROTOTYPES,
  ...SIZES,
]
