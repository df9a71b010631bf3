import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { requirePrograms } from '../machine-programs.ts'

/** A page of a real browser, and what a developer would see in its console and network tab. */
export interface OpenPage {
  readonly page: Page
  /** Errors that the page has thrown or logged, the browser's own about refused requests included. */
  readonly errors: readonly string[]
  /** Every request of the page, as `GET http://…`. */
  readonly requests: readonly string[]
}

export interface OpenBrowser extends AsyncDisposable {
  /** Pages share nothing. */
  open(): Promise<OpenPage>
}

/** Starts the machine's Chromium. */
export async function openBrowser(): Promise<OpenBrowser> {
  requirePrograms('chromium')
  const browser: Browser = await chromium.launch({ executablePath: findChromium() })
  return {
    async open() {
      const context: BrowserContext = await browser.newContext()
      const page = await context.newPage()
      const errors: string[] = []
      const requests: string[] = []
      page.on('pageerror', (error) => errors.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text())
      })
      page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`))
      return { page, errors, requests }
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

function findChromium(): string {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'chromium'))
  return places.find((place) => existsSync(place)) ?? 'chromium'
}
