import type { Run, RunStreamEntry } from '../../client/index.ts'
import { visible } from '../../contracts/operator-text.ts'
import { say, sayWords } from '../output.ts'
import { describeEvent } from '../runs/describe-event.ts'

/** What of a turn is told as it happens. Its models' words are shown as they come. */
const TOLD: readonly RunStreamEntry['type'][] = [
  'tool.completed',
  'tool.failed',
  'approval.decided',
  'agent.handed_off',
  'sub_agent.started',
  'sub_agent.completed',
  'budget.reached',
  'budget.resumed',
  'models.away',
  'models.returned',
]

/** Shows a turn on a terminal while it goes on. */
export interface TurnView {
  show(entry: RunStreamEntry): void
  /** Shows the answer, where its words have not been shown already. */
  end(run: Run): void
}

export function createTurnView(): TurnView {
  /** The words of the model call under way that stand on the screen. */
  let words = ''

  function endLine(): void {
    if (words !== '' && !words.endsWith('\n')) say('')
  }

  return {
    show(entry) {
      if (entry.type === 'model.delta') {
        words += entry.text
        process.stdout.write(entry.text.split('\n').map(visible).join('\n'))
      } else if (entry.type === 'model.started') {
        // Another attempt begins the same answer anew, or another step has the next one.
        endLine()
        words = ''
      } else if (TOLD.includes(entry.type)) {
        endLine()
        words = ''
        say(`  ${describeEvent(entry)}`)
      }
    },
    end({ output }) {
      endLine()
      if (output !== undefined && output !== words) sayWords(output)
      words = ''
    },
  }
}
