/*
 * Adds what Swagger UI lacks for people who cannot see the page. A script adds it again after each click, since Swagger UI redraws the
 * page then.
 */

const SCRIPT = `
const page = document.querySelector('#swagger-ui')
function name() {
  for (const select of page.querySelectorAll('select:not([aria-label])')) {
    select.setAttribute('aria-label', select.id === 'servers' ? 'Server' : 'Choice')
  }
  for (const field of page.querySelectorAll('input[placeholder]:not([aria-label])')) {
    field.setAttribute('aria-label', field.placeholder)
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
