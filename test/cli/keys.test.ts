import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EXIT } from '../../src/cli/exit-codes.ts'
import { apiKeyBook } from '../../src/cli/keys/api-key-book.ts'
import { readKeyCommand } from '../../src/cli/keys/read-key-command.ts'
import { asking } from '../../src/cli/store/local-access.ts'
import { recordingTemporal } from '../api/support/recording-temporal.ts'
import { startApi } from '../api/support/start-api.ts'
import { makeKey } from '../api/support/test-keys.ts'
import { keysCommand } from '../support/keys-command.ts'
import { openPgliteTestDatabase } from '../support/pglite.ts'
import { holdfast } from './support/holdfast.ts'
import { makeLocalStore } from './support/local-store.ts'

const NOW = Date.parse('2026-11-21T00:00:00Z')
const read = (line: string) => readKeyCommand(line === '' ? [] : line.split(' '), NOW)

describe('holdfast keys', () => {
  it('makes, lists and revokes keys in a store of its own, and never prints what is kept of them', async () => {
    const variables = { HOLDFAST_DATA_DIR: await makeLocalStore() }
    const keys = (...args: string[]) => keysCommand(variables, args)
    const printed = await keys(
      'create',
      '--principal',
      'ann',
      '--scope',
      'approvals:decide',
      '--group',
      'finance',
    )
    const text = printed.trim().split('\n').at(-1) ?? ''
    assert.match(text, /^hf_[a-z2-7]{12}_\w{32}_\w{6}$/)

    const listed = await keys('list')
    assert.match(listed, /ann +finance +approvals:decide +– +– +valid$/m)
    assert.ok(!listed.includes(text.slice(16, 40)))
    assert.doesNotMatch(listed, /[0-9a-f]{64}/)

    const rotated = await keys('rotate', text.slice(3, 15), '--old-valid-for', '12h')
    const second = rotated.trim().split('\n').at(-1) ?? ''
    assert.match(rotated, /Its secret until now ends \d{4}-/)
    assert.equal(second.slice(0, 16), text.slice(0, 16))
    assert.notEqual(second, text)
    assert.match(await keys('rotate', second, '--old-valid-for', '0'), /ends within 5 seconds/)

    assert.match(await keys('revoke', text.slice(3, 15)), /revoked 2/)
    const ended = { code: EXIT.refused, stderr: /is revoked or has expired/ }
    await assert.rejects(keys('rotate', second), ended)
    const missing = { code: EXIT.notFound, stderr: 'There is no key aaaaaaaaaaaa.\n' }
    for (const name of ['rotate', 'revoke']) await assert.rejects(keys(name, 'a'.repeat(12)), missing)
  })

  it('makes keys of any tenant through the API of a stack that is up, and begins the tenant', async (context) => {
    const store = await openPgliteTestDatabase()
    context.after(() => store.close())
    const api = await startApi(store.database, recordingTemporal().client, 'test', { auth: 'keys' })
    context.after(() => api.close())
    const own = await makeKey(store.database, { scopes: ['admin', 'tenants:*'] })
    const book = apiKeyBook(asking(api.url, own.text))
    const wishes = { principal: 'olga', groups: [], scopes: ['tenants:*'], expiresAt: null } as const
    for (const tenant of ['operations', 'operations', 'default']) {
      const { key, text } = await book.create({ ...wishes, tenant })
      assert.deepEqual([key.tenant, key.createdBy?.type, text.slice(3, 15)], [tenant, 'key', key.id])
    }
    const missing = 'a'.repeat(12)
    assert.deepEqual([await book.rotate(missing, null, 0), await book.revoke(missing, null)], [null, null])
    const { key: revoked } = await book.create({ ...wishes, tenant: 'default' })
    await book.revoke(revoked.id, null)
    await assert.rejects(book.rotate(revoked.id, null, 0), { exitCode: EXIT.refused })

    const { key: theirs } = await book.create({ ...wishes, tenant: 'operations' })
    const ours = await book.list(null)
    assert.equal(ours.of, 'the tenant "default"')
    assert.ok(!ours.keys.some(({ id }) => id === theirs.id))
    const listed = await book.list('operations')
    assert.deepEqual([listed.keys[0]?.id, listed.of], [theirs.id, 'the tenant "operations"'])
    assert.equal(await book.revoke(theirs.id, null), null)
    await assert.rejects(book.rotate(theirs.id, 'operations', 0), /keys revoke \w+ --tenant operations/)
    assert.equal((await book.revoke(theirs.id, 'operations'))?.id, theirs.id)
    const { key: mine } = await book.create({ ...wishes, tenant: null })
    assert.notEqual(await book.rotate(mine.id, 'default', 0), null)

    const ofAdmin = await makeKey(store.database)
    const small = apiKeyBook(asking(api.url, ofAdmin.text))
    await assert.rejects(small.create({ ...wishes, tenant: 'other' }), /tenants:write/)
  })

  it('asks the API at HOLDFAST_API_URL with HOLDFAST_API_KEY, and no store of this machine', async (context) => {
    const store = await openPgliteTestDatabase()
    context.after(() => store.close())
    const api = await startApi(store.database, recordingTemporal().client, 'test', { auth: 'keys' })
    context.after(() => api.close())
    const { text } = await makeKey(store.database, { scopes: ['admin'], tenant: 'acme' })
    const asked = { HOLDFAST_API_URL: api.url, HOLDFAST_DATA_DIR: await makeLocalStore() }
    const variables = { ...asked, HOLDFAST_API_KEY: text }
    const { code, out, err } = await holdfast(['keys', 'list'], variables)
    assert.equal(code, 0, err)
    assert.match(out, new RegExp(`^${text.slice(3, 15)} +acme `, 'm'))
    assert.equal(err, 'Keys of the tenant "acme". --tenant NAME lists those of one tenant.\n')
    assert.equal((await holdfast(['keys', 'list'], asked)).code, EXIT.refused)
    const report = await holdfast(['report', '--day', 'today'], variables)
    assert.match(report.out, /^acme: /)
    const other = await holdfast(['report', '--tenant', 'default'], variables)
    assert.equal(other.code, EXIT.refused)
  })

  it('reads what a key is to be', () => {
    assert.deepEqual(
      read(
        'create --principal ann@shop.example --tenant acme --scope runs:* --scope usage:read --expires-in 90d',
      ),
      {
        name: 'create',
        wishes: {
          tenant: 'acme',
          principal: 'ann@shop.example',
          groups: [],
          scopes: ['runs:*', 'usage:read'],
          expiresAt: '2027-02-19T00:00:00.000Z',
        },
      },
    )
    assert.deepEqual(read('revoke hf_abcdefghijkl'), { name: 'revoke', id: 'abcdefghijkl', tenant: null })
    assert.deepEqual(read('list --tenant acme'), { name: 'list', tenant: 'acme' })
  })

  it('reads how long the old secret of a rotated key is taken', () => {
    const msOf = (time: string) => {
      const command = read(`rotate abcdefghijkl${time === '' ? '' : ` --old-valid-for ${time}`}`)
      return command.name === 'rotate' && command.oldValidForMs
    }
    assert.deepEqual(['', '0', '12h', '30d'].map(msOf), [86_400_000, 0, 43_200_000, 2_592_000_000])
  })

  for (const [line, problem] of [
    ['', /no such command/],
    ['make', /no such command/],
    ['list all', /no such command/],
    ['create --scope admin', /--principal is missing/],
    ['create --principal ann', /--scope is missing/],
    [
      'create --principal ann --scope admin --scope root',
      /--scope "root" is not a scope\. There are runs:read, /,
    ],
    ['create --principal ann --scope admin --group a/b', /--group is not valid/],
    ['create --principal ann --scope admin --tenant a/b', /--tenant is not valid/],
    ['create --principal ann --scope admin --expires-in soon', /--expires-in is a number of days/],
    ['list --principal x', /keys list takes no --principal/],
    ['revoke abcdefghijkl --expires-in 1d', /keys revoke takes no --expires-in/],
    ['create --principal ann --scope admin --old-valid-for 1h', /keys create takes no --old-valid-for/],
    ['create --name ann', /Unknown option '--name'/],
    ['revoke', /The id is missing/],
    ['rotate', /The id is missing/],
    ['rotate abcdefghijkl --old-valid-for soon', /--old-valid-for is 0, or a number of hours or days/],
    ['rotate abcdefghijkl --old-valid-for 31d', /at most 30d/],
  ] as const) {
    it(`refuses "${line}" and says how it is used`, () => {
      assert.throws(() => read(line), problem)
      assert.throws(() => read(line), /holdfast keys create --principal NAME/)
      assert.throws(() => read(line), { exitCode: 2 })
    })
  }
})
