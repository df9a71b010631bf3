import type { AnswerFault } from '../../contracts/models/answer.ts'
import { cutText, visible } from '../../contracts/operator-text.ts'
import { describeArguments } from '../../contracts/tools/describe-arguments.ts'
import type { ToolResultNote } from '../../contracts/tools/tool-call.ts'
import type { Command } from '../state/command.ts'

const SUMMARY_CHARACTERS = 120

/** The summary of an activity in the Web UI. Short, since history holds it. */
export function summaryOf(command: Command): string {
  switch (command.type) {
    case 'open_run':
      return 'open'
    case 'call_model': {
      const { step, hop } = command.input
      const place = hop === 0 ? `step ${step}` : `step ${step} · fallback ${hop}`
      const why = command.again === null ? [] : [describeFault(command.again)]
      return [place, command.model, ...why].join(' · ')
    }
    case 'compact': {
      const { step, seq, cause } = command.input
      return `step ${step} · compact ${seq} messages (${cause.replace('_', ' ')})`
    }
    case 'choose_route': {
      const { step, agent, cause } = command.input
      const what =
        cause === undefined ? `which models for ${agent}` : `stronger models for ${agent}: ${cause}`
      return cut(`step ${step} · ${what}`)
    }
    case 'look_up_call':
      return cut(`look up: ${visible(command.tool)} ${describeArguments(command.arguments)}`)
    case 'run_tool':
      return cut(describeArguments(command.input.arguments))
    case 'request_approval':
      return cut(`ask: ${visible(command.input.tool)} ${describeArguments(command.input.arguments)}`)
    case 'record_progress':
      return cut(command.input.what.join(', '))
    case 'record_decision':
      return cut(`${command.input.outcome.status} by ${visible(command.input.outcome.by)}`)
    case 'run_child':
      return cut(describeArguments(command.input.arguments))
    case 'record_budget':
      return cut(`budget: ${command.input.notices.join(', ')}`)
    case 'record_model_wait':
      return cut(`models: ${command.input.notices.join(', ')}`)
    case 'admit':
      return command.submission.type === 'decision' ? 'who decides' : 'who changes the budget'
    case 'record_refusals':
      return cut(
        command.input.refusals.map(({ code }) => code).join(', ') || `${command.input.dropped} dropped`,
      )
    case 'note_results':
      return cut(command.input.notes.map(describeNote).join(', '))
    case 'close_run':
      return cut(`close: ${command.input.status}${command.input.reason ? ` (${command.input.reason})` : ''}`)
    default:
      return command.type
  }
}

function describeFault({ problem, misfits = 1 }: AnswerFault): string {
  switch (problem) {
    case 'cut_off':
      return 'goes on with its answer'
    case 'call_cut_off':
      return 'asks again: a call was cut off'
    case 'refused':
      return 'asks stronger models'
    case 'output_invalid':
      return `asks again: ${misfits} ${misfits === 1 ? 'thing does' : 'things do'} not fit`
  }
}

function describeNote({ tool, code, handoff }: ToolResultNote): string {
  return handoff === undefined ? `${visible(tool)}: ${code ?? 'answered'}` : `handed to ${handoff}`
}

function cut(text: string): string {
  return cutText(text, SUMMARY_CHARACTERS)
}
