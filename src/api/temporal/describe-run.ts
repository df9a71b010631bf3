import { textWithWords } from '../../contracts/files/message-file.ts'
import { asMarkdown, cutText } from '../../contracts/operator-text.ts'
import type { UserMessage } from '../../contracts/runs/message.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { runTraceOf } from '../../telemetry/traces/run-trace.ts'

const HEADLINE_CHARACTERS = 100

/** The last message of the input in one line, as the Web UI's headline of the run. */
export function headlineOf(input: readonly UserMessage[]): string {
  const last = input.at(-1)
  const words = (last === undefined ? '' : textWithWords(last)).replace(/\s+/g, ' ').trim()
  return asMarkdown(cutText(words, HEADLINE_CHARACTERS))
}

/** The run's tenant, agent, prompt, trace and models, as a Markdown table for the Web UI. */
export function detailsOf(run: RunRow): string {
  const rows = [
    ['run', `\`${run.id}\``],
    ['tenant', asMarkdown(`${run.tenant}, for ${run.principal}`)],
    ['agent', asMarkdown(`${run.agent} ${run.agentVersion}`)],
    ['prompt', asMarkdown(`${run.plan.prompt.name} ${run.promptVersion}`)],
    ['trace', `\`${runTraceOf(run.id, run).traceId}\``],
    ['models', asMarkdown(run.plan.chain.map(({ model }) => model).join(' → '))],
  ]
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n')
}
