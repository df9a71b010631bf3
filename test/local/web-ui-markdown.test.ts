import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { asMarkdown, visible } from '../../src/contracts/operator-text.ts'
import type { TemporalServer } from '../../src/local/temporal-server/start-server.ts'
import { freePort } from '../../src/worker/probe-port.ts'
import { startTestTemporal } from '../support/temporal.ts'

/*
 * The real Web UI renders its details and summaries at `/render`; a frame of its page shows what that answers. What it makes of
 * foreign words is asked here.
 */

let server: TemporalServer
let ui: string
before(async () => {
  const uiPort = await freePort()
  server = await startTestTemporal({ uiPort })
  ui = `http://127.0.0.1:${uiPort}`
  const deadline = performance.now() + 30_000
  // The server answers a moment before its Web UI does.
  while (
    !(await fetch(ui).then(
      ({ ok }) => ok,
      () => false,
    ))
  )
    assert.ok(performance.now() < deadline)
})
after(() => server.stop())

/** What stands in the page's `main`. */
async function render(markdown: string): Promise<string> {
  const response = await fetch(`${ui}/render?${new URLSearchParams({ content: markdown })}`)
  assert.equal(response.status, 200)
  const html = await response.text()
  return html.slice(html.indexOf('<main>') + '<main>'.length, html.indexOf('</main>')).trim()
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'" }
const textOf = (html: string) =>
  html.replace(/&(lt|gt|amp|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? '')

const ATTACKS = [
  '[Open the run](https://evil.example/x)',
  '\\[Open the run](https://evil.example/x)',
  '![](https://evil.example/beacon.png)',
  '<img src=x> <b>paid</b> <script>1</script> <!-- gone -->',
  'see https://evil.example/steal, HTTP://evil.example, ftp://evil.example or mailto:a@evil.example',
  '<https://evil.example>',
  '[ref]: https://evil.example',
  '# Approved by finance',
  '## Approved by finance (2 of 2)',
  '**approved** *now* _so_ __it__ ~~refused~~ ***all***',
  '`code` ``two`` ```three',
  'ends a cell | starts | a row',
  '| | |',
  '\\| escaped already',
  '0.017228 of $2.000000 and $3.000000 or $$x$$',
  '\\(x\\) and \\[y\\]',
  '&lt;b&gt; &#60;b&#62; &amp;amp; &copy;',
  '- a list',
  '+ a list',
  '1. a list',
  '2) a list',
  '> a quote',
  ': a definition',
  '=====',
  '-----',
  '* * *',
  '{#id} x^2^ H~2~O',
  'ok\n\n## Already approved\n\n| | |\n|---|---|\n| doing | refund of 1.00 EUR |',
  'refund of \u202e00.921\u202c EUR \u200b\u2066x\u2069',
  'back\\slash \\\\ and \\` tick',
  'trailing backslash \\',
  '~~~',
  '```\nfenced',
  '    indented',
  'rm --force --- 1/2 and 3/4 of 10/20 ... (c) (R) (tm)',
  '_edge and edge_ but mid_word stays',
]

for (const attack of ATTACKS) {
  test(`the Web UI shows ${JSON.stringify(attack)} as it is`, async () => {
    const line = await render(asMarkdown(attack))
    const inLine = /^<p>(.*)<\/p>$/s.exec(line)?.[1]
    assert.ok(inLine !== undefined && !inLine.includes('<'), line)
    assert.equal(textOf(inLine), visible(attack).trim())

    const table = await render(`| | |\n|---|---|\n| doing | ${asMarkdown(attack)} |\n| cost | 1 |`)
    const cells = [...table.matchAll(/<td>(.*?)<\/td>/gs)].map(([, cell]) => cell ?? '')
    assert.equal(cells.length, 4, table)
    assert.ok(!cells[1]?.includes('<'), table)
    assert.equal(textOf(cells[1] ?? ''), visible(attack).trim())
  })
}
