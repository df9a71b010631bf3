import type { UserMessage } from '../../contracts/message.ts'
import { asMarkdown, cutText } from '../../contracts/operator-text.ts'
import type { RunRow } from '../../store/record/run-row.ts'

const HEADLINE_CHARACTERS = 100

/** What was asked, in one line: the headline under which an operator finds the run in the Web UI. */
export function headlineOf(input: readonly UserMessage[]): string {
  const words = (input.at(-1)?.text ?? '').replace(/\s+/g, ' ').trim()
  return asMarkdown(cutText(words, HEADLINE_CHARACTERS))
}

/** What the run is, as a small Markdown table. */
export function detailsOf(run: RunRow): string {
  const rows = [
    ['run', `\`${run.id}\``],
    ['tenant', asMarkdown(`${run.tenant}, for ${run.principal}`)],
    ['agent', asMarkdown(`${run.agent} ${run.agentVersion}`)],
    ['prompt', asMarkdown(`${run.plan.prompt.name} ${run.promptVersion}`)],
    ['models', asMarkdown(run.plan.chain.map(({ model }) => model).join(' → '))],
  ]
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n')
}
