import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type OpenBrowser, type OpenPage, openBrowser } from '../../support/browser/open-browser.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { get } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

interface Document {
  readonly paths: Record<string, Record<string, { readonly operationId: string; readonly tags: string[] }>>
}

const cleanup = new AsyncDisposableStack()
let api: TestApi
let browser: OpenBrowser
let open: OpenPage
let operationIds: string[]

before(async () => {
  const store = await openPgliteTestDatabase()
  cleanup.defer(() => store.close())
  api = await startApi(store.database, recordingTemporal().client)
  cleanup.defer(() => api.close())
  browser = cleanup.use(await openBrowser())
  const { paths } = (await get<Document>(`${api.url}/openapi.json`)).body
  // An operation of two tags stands under both.
  operationIds = Object.values(paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ tags, operationId }) =>
      tags.map((tag) => `operations-${tag}-${operationId}`),
    ),
  )
  open = await browser.open()
  await open.page.goto(`${api.url}/docs`)
  await open.page.locator('.opblock').first().waitFor()
})
after(() => cleanup.disposeAsync())

describe('the reference in a browser', () => {
  it('has every operation of the document', async () => {
    await open.page.locator(`#${operationIds.at(-1)}`).waitFor()
    const shown = open.page.locator('.opblock')
    assert.equal(await shown.count(), operationIds.length)
    for (const id of operationIds) assert.equal(await open.page.locator(`#${id}`).count(), 1, id)
  })

  it('opens one, with its body, its answers and what it takes', async () => {
    const block = open.page.locator('#operations-runs-startRun')
    await block
      .getByRole('button', { name: /\/v1\/runs/ })
      .first()
      .click()
    await block.getByText('Idempotency-Key', { exact: false }).first().waitFor()
    await block.getByText('unknown_agent', { exact: false }).first().waitFor()
    await block.getByText('Invoice A-1017', { exact: false }).first().waitFor()
  })

  it('can be read by a machine for people who do not see it', async () => {
    assert.equal(await open.page.locator('html').getAttribute('lang'), 'en')
    assert.match(await open.page.title(), /Holdfast/)
    assert.equal(await open.page.getByRole('heading', { name: /Holdfast/ }).count(), 1)
    const nameless = await open.page.evaluate<string[]>(`
      [...document.querySelectorAll('button, select, input, textarea, a[href]')]
        .filter((each) => each.checkVisibility())
        .filter((each) => !(each.labels?.length || each.ariaLabel || each.title || each.textContent.trim()))
        .map((each) => each.outerHTML.slice(0, 120))`)
    assert.deepEqual(nameless, [])
    const unreachable = await open.page.evaluate<string[]>(`
      [...document.querySelectorAll('pre.microlight')].filter((each) => each.tabIndex < 0).map((each) => each.className)`)
    assert.deepEqual(unreachable, [])
  })

  it('asks no other host, and the console has no error', () => {
    const elsewhere = open.requests.filter(
      (request) => !/ (data:|blob:)/.test(request) && !request.includes(` ${api.url}/`),
    )
    assert.deepEqual(elsewhere, [])
    assert.deepEqual(open.errors, [])
  })
})
