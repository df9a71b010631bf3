import type { UserMessage } from '../contracts/message.ts'
import type { RunRow } from '../store/runs.ts'

const HEADLINE_CHARACTERS = 100

/** What was asked, in one line: the headline under which an operator finds the run in the Web UI, which reads Markdown. */
export function headlineOf(input: readonly UserMessage[]): string {
  const words = [...(input.at(-1)?.text ?? '').replace(/[\s\p{Cc}]+/gu, ' ').trim()]
  const cut = words.length > HEADLINE_CHARACTERS ? [...words.slice(0, HEADLINE_CHARACTERS - 1), '…'] : words
  // A caller's text must not become a link, a picture or a tag on an operator's screen.
  return cut.join('').replace(/[[<]/g, '\\$&')
}

/** What the run is, as a small Markdown table. */
export function detailsOf(run: RunRow): string {
  const rows = [
    ['run', `\`${run.id}\``],
    ['tenant', `${run.tenant}, for ${run.principal}`],
    ['agent', `${run.agent} ${run.agentVersion}`],
    ['prompt', `${run.plan.prompt.name} ${run.promptVersion}`],
    ['models', run.plan.chain.map(({ model }) => model).join(' → ')],
  ]
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n')
}
