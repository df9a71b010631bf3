import { encodeCursor } from '../../../src/api/http/paging/cursor.ts'
import type { ErrorCode } from '../../../src/contracts/error-codes.ts'
import { HTTP } from '../../../src/policies/api.ts'
import { newId } from '../../../src/security/new-id.ts'

/** A request that must be refused, sent by fetch; `body` that is no text and no bytes is sent as JSON. */
export interface BadRequest {
  readonly name: string
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly code: ErrorCode
  /** Where the problem says the mistakes are. */
  readonly pointers?: readonly string[]
}

const good = { agent: 'assistant', input: 'hello' }
const json = { 'content-type': 'application/json' }
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)))
const invalid = (name: string, body: unknown, ...pointers: string[]): BadRequest => ({
  name,
  body,
  code: 'invalid_request',
  pointers,
})
const notJson = (name: string, body: string | Buffer): BadRequest => ({
  name,
  body,
  headers: json,
  code: 'invalid_json',
})
const get = (name: string, path: string, code: ErrorCode, ...pointers: string[]): BadRequest => ({
  name,
  method: 'GET',
  path,
  code,
  pointers,
})

const entries = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']))
const [run, approval] = [newId('run'), `apr_${newId('x').slice(2)}_1_0_0`]
const cursorAt = (day: string) => encodeCursor({ createdAt: `${day}T00:00:00.000000Z`, id: run })
const decision = { decision: 'approve', arguments_sha256: '0'.repeat(64) }
const onPath = (path: string, bad: BadRequest): BadRequest => ({ ...bad, path })

const TYPES: BadRequest[] = [
  invalid('no properties', {}, '/agent', '/input'),
  invalid('null', null, ''),
  invalid('an array', [good], ''),
  invalid('a string', '"hello"', ''),
  invalid('a number', 5, ''),
  invalid('an agent that is a number', { ...good, agent: 1 }, '/agent'),
  invalid('an agent that is an array of one', { ...good, agent: ['assistant'] }, '/agent'),
  invalid('an empty agent', { ...good, agent: '' }, '/agent'),
  invalid('a very long agent', { ...good, agent: 'a'.repeat(101) }, '/agent'),
  invalid('an input that is a number', { ...good, input: 7 }, '/input'),
  invalid('an input that is an object', { ...good, input: { role: 'user', content: 'x' } }, '/input'),
  invalid('an empty input', { ...good, input: '' }, '/input'),
  invalid('an input of white space', { ...good, input: ' \n\t ' }, '/input'),
  invalid('no messages', { ...good, input: [] }, '/input'),
  invalid('a message that is text', { ...good, input: ['hello'] }, '/input/0'),
  invalid('a message without content', { ...good, input: [{ role: 'user' }] }, '/input/0/content'),
  invalid('an assistant message', { ...good, input: [{ role: 'assistant', content: 'x' }] }, '/input/0/role'),
  invalid('a system message', { ...good, input: [{ role: 'system', content: 'x' }] }, '/input/0/role'),
  invalid(
    'a part without its type',
    { ...good, input: [{ role: 'user', content: [{ text: 'x' }] }] },
    '/input/0/content/0/type',
  ),
  invalid(
    'a message with more',
    { ...good, input: [{ role: 'user', content: 'x', name: 'y' }] },
    '/input/0/name',
  ),
  invalid('metadata that is an array', { ...good, metadata: ['a'] }, '/metadata'),
  invalid('metadata that is null', { ...good, metadata: null }, '/metadata'),
  invalid('a number in metadata', { ...good, metadata: { n: 1 } }, '/metadata/n'),
  invalid('metadata that goes deeper', { ...good, metadata: { a: { b: 'c' } } }, '/metadata/a'),
  invalid('a deadline in text', { ...good, deadline_ms: '5000' }, '/deadline_ms'),
  invalid('half a millisecond', { ...good, deadline_ms: 5_000.5 }, '/deadline_ms'),
  invalid('a deadline of null', { ...good, deadline_ms: null }, '/deadline_ms'),
  invalid('a deadline that has passed', { ...good, deadline_ms: -1 }, '/deadline_ms'),
  invalid(
    'a deadline beyond numbers',
    '{"agent":"assistant","input":"x","deadline_ms":1e400}',
    '/deadline_ms',
  ),
]

const UNKNOWN: BadRequest[] = [
  ...['thread_id', 'webhook', 'priority', 'model', 'tenant', 'id', 'stream'].map((name) =>
    invalid(`the property ${name}`, { ...good, [name]: 'x' }, `/${name}`),
  ),
  invalid('a property that needs escaping', { ...good, 'a/b~c': 1 }, '/a~1b~0c'),
  invalid('Agent with a capital', { Agent: 'assistant', input: 'x' }, '/agent', '/Agent'),
  {
    name: 'an agent that there is not',
    body: { ...good, agent: 'nobody' },
    code: 'unknown_agent',
    pointers: ['/agent'],
  },
  {
    name: 'an agent named like a method',
    body: { ...good, agent: 'toString' },
    code: 'unknown_agent',
    pointers: ['/agent'],
  },
]

const SIZES: BadRequest[] = [
  invalid('101 messages', { ...good, input: Array(101).fill({ role: 'user', content: 'x' }) }, '/input'),
  invalid('an input of 100,001 characters', { ...good, input: 'x'.repeat(100_001) }, '/input'),
  invalid(
    'messages of 100,001 characters together',
    { ...good, input: Array(2).fill({ role: 'user', content: 'x'.repeat(50_001) }) },
    '/input',
  ),
  invalid('17 entries of metadata', { ...good, metadata: entries(17) }, '/metadata'),
  invalid(
    'a long name in metadata',
    { ...good, metadata: { ['k'.repeat(65)]: 'v' } },
    `/metadata/${'k'.repeat(65)}`,
  ),
  invalid('a long value in metadata', { ...good, metadata: { k: 'v'.repeat(513) } }, '/metadata/k'),
  invalid('a deadline of a second less than nothing', { ...good, deadline_ms: 999 }, '/deadline_ms'),
  invalid('a deadline of more than a week', { ...good, deadline_ms: 604_800_001 }, '/deadline_ms'),
  {
    name: 'a body of one byte too many',
    body: Buffer.alloc(HTTP.bodyBytes.input + 1, ' '),
    headers: json,
    code: 'payload_too_large',
  },
  { name: 'a body of 50 MB', body: Buffer.alloc(50_000_000, 'x'), headers: json, code: 'payload_too_large' },
  ...['[', '{"a":', '[{"a":'].map((open) => invalid(`100,000 times ${open}`, open.repeat(100_000), '')),
  invalid('65 arrays in each other', '['.repeat(65) + ']'.repeat(65), ''),
  invalid('100,000 arrays in each other that close', '['.repeat(100_000) + ']'.repeat(100_000), ''),
  invalid(
    'deep nesting where text is wanted',
    `{"agent":"assistant","input":"x","metadata":{"a":${'{"a":'.repeat(60)}1${'}'.repeat(60)}}}`,
    '/metadata/a',
  ),
  get('a long path that there is not', `/${'a'.repeat(3_000)}`, 'uri_too_long'),
  get('a long path', `/v1/runs/${'a'.repeat(3_000)}`, 'uri_too_long'),
]

const ENCODINGS: BadRequest[] = [
  notJson('no JSON', 'agent=assistant'),
  notJson('JSON that is cut off', '{"agent":"assistant","input":'),
  notJson('single quotes', "{'agent':'assistant'}"),
  notJson('a comma too many', '{"agent":"assistant","input":"x",}'),
  notJson('two values', '{"agent":"assistant","input":"x"}{}'),
  notJson('a comment', '{"agent":"assistant",/* */"input":"x"}'),
  notJson('NaN', '{"agent":"assistant","input":NaN}'),
  notJson('__proto__', '{"agent":"assistant","input":"x","__proto__":{"a":1}}'),
  notJson('constructor.prototype', '{"agent":"assistant","input":"x","constructor":{"prototype":{}}}'),
  notJson('bytes that are no UTF-8', bytes('{"agent":"assistant","input":"', [0xc3, 0x28], '"}')),
  notJson('overlong UTF-8', bytes('{"agent":"assistant","input":"', [0xc0, 0xaf], '"}')),
  notJson('UTF-16', Buffer.from('\ufeff{"agent":"assistant","input":"x"}', 'utf16le')),
  notJson('a bare control character', '{"agent":"assistant","input":"a\u0001b"}'),
  invalid('NUL', { ...good, input: 'a\u0000b' }, '/input'),
  invalid('half a surrogate pair', '{"agent":"assistant","input":"a\\ud800b"}', '/input'),
  invalid('NUL in a name', { ...good, metadata: { 'a\u0000': 'b' } }, '/metadata/a\u0000'),
  { name: 'no content type', body: bytes(JSON.stringify(good)), code: 'unsupported_media_type' },
  ...[
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'json',
  ].map(
    (type): BadRequest => ({
      name: `the content type ${type}`,
      body: JSON.stringify(good),
      headers: { 'content-type': type },
      code: 'unsupported_media_type',
    }),
  ),
  {
    name: 'another charset',
    body: JSON.stringify(good),
    headers: { 'content-type': 'application/json; charset=utf-16' },
    code: 'unsupported_media_type',
  },
  {
    name: 'a compressed body',
    body: JSON.stringify(good),
    headers: { ...json, 'content-encoding': 'gzip' },
    code: 'unsupported_media_type',
  },
  { name: 'no body', method: 'POST', code: 'invalid_request', pointers: [''] },
]

const HEADERS: BadRequest[] = [
  { name: 'an empty key', body: good, headers: { 'idempotency-key': '""' }, code: 'invalid_idempotency_key' },
  {
    name: 'a key of 256',
    body: good,
    headers: { 'idempotency-key': 'x'.repeat(256) },
    code: 'invalid_idempotency_key',
  },
  {
    name: 'a key with a gap',
    body: good,
    headers: { 'idempotency-key': 'a b' },
    code: 'invalid_idempotency_key',
  },
  { name: 'an answer in XML', body: good, headers: { accept: 'application/xml' }, code: 'not_acceptable' },
  {
    name: 'anything but JSON',
    body: good,
    headers: { accept: '*/*, application/json;q=0' },
    code: 'not_acceptable',
  },
  { name: 'a page', method: 'GET', headers: { accept: 'text/html' }, code: 'not_acceptable' },
]

const PATHS: BadRequest[] = [
  { name: 'DELETE of a list', method: 'DELETE', code: 'method_not_allowed' },
  { name: 'PUT of a list', method: 'PUT', headers: json, body: good, code: 'method_not_allowed' },
  {
    name: 'PATCH of a run',
    method: 'PATCH',
    path: `/v1/runs/${run}`,
    headers: json,
    body: {},
    code: 'method_not_allowed',
  },
  { name: 'OPTIONS', method: 'OPTIONS', code: 'method_not_allowed' },
  { name: 'GET of a cancel', method: 'GET', path: `/v1/runs/${run}/cancel`, code: 'method_not_allowed' },
  get('a path that there is not', '/v1/run', 'not_found'),
  get('a part of the docs that there is not', '/docs/static/nope.js', 'not_found'),
  get('a path of later', '/v1/evals', 'not_found'),
  get('a tenant of memories', '/v1/memories?tenant=acme', 'invalid_request', '/tenant'),
  get('another version', '/v2/runs', 'not_found'),
  get('a way up', '/v1/runs/..%2f..%2fetc%2fpasswd', 'not_found'),
  get('a bad escape', '/v1/runs/%zz', 'invalid_request'),
  get('a run that there is not', `/v1/runs/${run}`, 'not_found'),
  get('an approval in place of a run', `/v1/runs/${approval}`, 'not_found'),
  get('a run in place of an approval', `/v1/approvals/${run}`, 'not_found'),
  get('a run in capitals', `/v1/runs/${run.toUpperCase()}`, 'not_found'),
  get('a run with SQL', `/v1/runs/${encodeURIComponent("' or 1=1 --")}`, 'not_found'),
  get('a run with NUL', '/v1/runs/run_%00', 'not_found'),
  get('events of no run', `/v1/runs/${run}/events`, 'not_found'),
  get('messages of no run', `/v1/runs/${run}/messages`, 'not_found'),
  get('an agent that there is not', '/v1/agents/nobody', 'not_found'),
  get('an agent named like a method', '/v1/agents/constructor', 'not_found'),
  onPath(`/v1/runs/${run}/cancel`, { name: 'a cancel of no run', body: {}, code: 'not_found' }),
  onPath(`/v1/runs/${run}/cancel`, invalid('a cancel with more', { force: true }, '/force')),
  onPath(`/v1/runs/${run}/cancel`, invalid('a cancel that is null', null, '')),
  onPath(`/v1/runs/${run}/resume`, invalid('a resume that is null', null, '')),
  onPath(`/v1/runs/${run}/messages`, {
    name: 'a message for no run',
    body: { content: 'x' },
    code: 'not_found',
  }),
  onPath(`/v1/runs/${run}/messages`, invalid('a message of nothing', { content: '' }, '/content')),
  onPath(`/v1/runs/${run}/messages`, invalid('a message with a bad id', { id: 'a b', content: 'x' }, '/id')),
]

const QUERIES: BadRequest[] = [
  ...['0', '101', '-1', '1.5', 'ten', '', '1e1', '0x10', '007', ' 5'].map((limit) =>
    get(`limit=${limit}`, `/v1/runs?limit=${encodeURIComponent(limit)}`, 'invalid_request', '/limit'),
  ),
  get('limit twice', '/v1/runs?limit=1&limit=2', 'invalid_request', '/limit'),
  get('an agent with NUL', '/v1/runs?agent=%00', 'invalid_request', '/agent'),
  get('approvals of an agent with NUL', '/v1/approvals?agent=%00', 'invalid_request', '/agent'),
  get('a parameter of a run', `/v1/runs/${run}?expand=all`, 'invalid_request', '/expand'),
  get('a parameter of an approval', `/v1/approvals/${approval}?x=1`, 'invalid_request', '/x'),
  get('a parameter of an agent', '/v1/agents/support?x=1', 'invalid_request', '/x'),
  get('a cursor of no day', `/v1/runs?after=${cursorAt('2026-02-30')}`, 'invalid_cursor'),
  get('a status that there is not', '/v1/runs?status=running', 'invalid_request', '/status'),
  get('a parameter that there is not', '/v1/runs?sort=asc', 'invalid_request', '/sort'),
  get('a parameter of later', '/v1/runs?thread_id=thr_1', 'invalid_request', '/thread_id'),
  get('a cursor of ours that it is not', '/v1/runs?after=abc', 'invalid_cursor'),
  get('an empty cursor', '/v1/runs?after=', 'invalid_request', '/after'),
  get('approvals that are undecidable', '/v1/approvals?decidable=false', 'invalid_request', '/decidable'),
  get('approvals of something else', `/v1/approvals?run_id=${approval}`, 'invalid_request', '/run_id'),
  get('a place that is no number', `/v1/runs/${run}/events?after=x`, 'invalid_request', '/after'),
  get('a place beyond numbers', `/v1/runs/${run}/events?after=9999999999`, 'invalid_request', '/after'),
]

const DECISIONS: BadRequest[] = [
  invalid('no decision', {}, '/decision', '/arguments_sha256'),
  invalid('a decision that there is not', { ...decision, decision: 'escalate' }, '/decision'),
  invalid(
    'an edit of many levels',
    `{"decision":"edit","arguments_sha256":"${'0'.repeat(64)}","arguments":${'{"a":'.repeat(3_000)}1${'}'.repeat(3_001)}`,
    '',
  ),
  invalid('an edit without arguments', { ...decision, decision: 'edit' }, '/arguments'),
  invalid(
    'an edit whose arguments are a list',
    { ...decision, decision: 'edit', arguments: [1] },
    '/arguments',
  ),
  invalid('an edit with NUL', { ...decision, decision: 'edit', arguments: { a: 'b\u0000' } }, '/arguments'),
  invalid(
    'an edit of 65,537 bytes',
    { ...decision, decision: 'edit', arguments: { a: 'x'.repeat(65_529) } },
    '/arguments',
  ),
  invalid('an approval with arguments', { ...decision, arguments: {} }, '/arguments'),
  invalid('a response without an answer', { ...decision, decision: 'respond' }, '/message'),
  invalid('a blank response', { ...decision, decision: 'respond', message: ' ' }, '/message'),
  invalid('a decision of yes', { ...decision, decision: true }, '/decision'),
  invalid('a hash that is none', { ...decision, arguments_sha256: 'abc' }, '/arguments_sha256'),
  invalid('a hash in capitals', { ...decision, arguments_sha256: 'A'.repeat(64) }, '/arguments_sha256'),
  invalid('an approval with a message', { ...decision, message: 'because' }, '/message'),
  invalid('a long comment', { ...decision, comment: 'x'.repeat(2_001) }, '/comment'),
  invalid('a decision in a name', { ...decision, by: 'somebody' }, '/by'),
  { name: 'a decision about nothing', body: decision, code: 'not_found' as const },
].map((bad) => onPath(`/v1/approvals/${approval}/decision`, bad))

const BUDGETS: BadRequest[] = [
  invalid('a budget in text', { ...good, budget: '1 USD' }, '/budget'),
  invalid(
    'a budget of nothing',
    { ...good, budget: { max_cost_micro_usd: 0 } },
    '/budget/max_cost_micro_usd',
  ),
  invalid('a budget below nothing', { ...good, budget: { max_tokens: -1 } }, '/budget/max_tokens'),
  invalid('half a call', { ...good, budget: { max_model_calls: 1.5 } }, '/budget/max_model_calls'),
  invalid('a limit that is null', { ...good, budget: { max_steps: null } }, '/budget/max_steps'),
  invalid(
    'a budget beyond money',
    { ...good, budget: { max_cost_micro_usd: 1e13 } },
    '/budget/max_cost_micro_usd',
  ),
  invalid(
    'more time than there is',
    { ...good, budget: { max_active_ms: 604_800_001 } },
    '/budget/max_active_ms',
  ),
  invalid('a limit that there is not', { ...good, budget: { max_usd: 1 } }, '/budget/max_usd'),
  invalid('a ratio above one', { ...good, budget: { soft_ratio: 1.1 } }, '/budget/soft_ratio'),
  invalid('another end', { ...good, budget: { on_reached: 'stop' } }, '/budget/on_reached'),
  invalid('an addition at the start', { ...good, budget: { add: { tokens: 1 } } }, '/budget/add'),
  ...[
    invalid('a change of nothing', {}, ''),
    invalid('an addition of nothing', { add: {} }, '/add'),
    invalid('an addition of nothing beside a limit', { max_tokens: 5, add: {} }, '/add'),
    invalid('an addition below nothing', { add: { tokens: -5 } }, '/add/tokens'),
    invalid('an addition to a maximum', { add: { max_tokens: 5 } }, '/add', '/add/max_tokens'),
    invalid('a change of what is pinned', { on_reached: 'pause' }, '', '/on_reached'),
    { name: 'a change of no run', body: { max_tokens: 1 }, code: 'not_found' as const },
  ].map((bad) => ({ ...onPath(`/v1/runs/${run}/budget`, bad), method: 'PATCH' })),
  ...[
    invalid('a shared budget without a limit', {}, ''),
    invalid('a shared budget of nulls', { max_tokens: null, max_cost_micro_usd: null }, ''),
    invalid('a shared budget that degrades', { max_tokens: 1, on_reached: 'degrade' }, '/on_reached'),
    invalid('a threshold of nothing', { max_tokens: 1, threshold: 0 }, '/threshold'),
    invalid('a shared limit of steps', { max_tokens: 1, max_steps: 5 }, '/max_steps'),
  ].map((bad) => ({ ...onPath('/v1/budgets/tenant/-/day', bad), method: 'PUT' })),
  ...[
    'run/x/day',
    'agent/support/week',
    'agent//day',
    `principal/${'p'.repeat(201)}/day`,
    'tenant/else/day',
  ].map(
    (path): BadRequest => ({
      name: `a budget of ${path.slice(0, 20)}`,
      method: 'PUT',
      path: `/v1/budgets/${path}`,
      body: { max_tokens: 1 },
      code: 'not_found',
    }),
  ),
  {
    ...onPath('/v1/kill-switches/tenant/-', invalid('a switch without a reason', {}, '/reason')),
    method: 'PUT',
  },
  {
    ...onPath(
      '/v1/kill-switches/tenant/-',
      invalid('a switch with an empty reason', { reason: '' }, '/reason'),
    ),
    method: 'PUT',
  },
  {
    ...onPath('/v1/tenant', invalid('a zone that there is not', { time_zone: 'Mars/Olympus' }, '/time_zone')),
    method: 'PUT',
  },
  get('usage of nothing', '/v1/usage', 'invalid_request', '/group_by'),
  get('usage by something else', '/v1/usage?group_by=tool', 'invalid_request', '/group_by'),
  get('usage from no day', '/v1/usage?group_by=day&from=2026-02-30', 'invalid_request', '/from'),
  get('usage from a time', '/v1/usage?group_by=day&from=2026-02-03T00:00:00Z', 'invalid_request', '/from'),
  get('usage backwards', '/v1/usage?group_by=day&from=2026-02-03&to=2026-02-02', 'invalid_request', '/to'),
  get('runs of a parent that is none', '/v1/runs?parent_run_id=run_x', 'invalid_request', '/parent_run_id'),
]

export const BAD_REQUESTS: readonly BadRequest[] = [
  ...TYPES,
  ...UNKNOWN,
  ...SIZES,
  ...ENCODINGS,
  ...HEADERS,
  ...PATHS,
  ...QUERIES,
  ...DECISIONS,
  ...BUDGETS,
]
