/*
 * What Swagger UI leaves out for people who cannot see the page: it draws itself anew at every click, so a script puts it there
 * each time.
 */

const SCRIPT = `
const page = document.querySelector('#swagger-ui')
function name() {
  for (const select of page.querySelectorAll('select:not([aria-label])')) {
    select.setAttribute('aria-label', select.id === 'servers' ? 'Server' : 'Choice')
  }
  // What scrolls has to be reachable by keyboard.
  for (const box of page.querySelectorAll('pre.microlight:not([tabindex])')) box.setAttribute('tabindex', '0')
}
new MutationObserver(name).observe(page, { childList: true, subtree: true })
name()
`

export const ACCESSIBLE = {
  // Without the bar at the top: a logo and a field that have no names.
  uiConfig: { layout: 'BaseLayout' },
  theme: { title: "Reference of Holdfast's API", js: [{ filename: 'accessibility.js', content: SCRIPT }] },
} as const
