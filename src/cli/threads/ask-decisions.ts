import { type Approval, type Decision, type HoldfastClient, HoldfastError } from '../../client/index.ts'
import { visible } from '../../contracts/operator-text.ts'
import type { Lines } from './read-lines.ts'

const WORDS = {
  y: 'approve',
  yes: 'approve',
  approve: 'approve',
  n: 'reject',
  no: 'reject',
  reject: 'reject',
} as const

const ANSWERS = 'y, n [words], or later'

interface Asking {
  readonly client: HoldfastClient
  readonly lines: Lines
  /** Tells a person, without mixing it with the answers. */
  readonly tell: (text: string) => void
  /** One more approval is left open. */
  readonly onLeft: () => Promise<void>
}

/** Asks the person about the approvals of a turn, one after the other. One that somebody else decides meanwhile is not asked any more. */
export interface Decisions {
  /** Those that are left open here: they take somebody else, or another time. */
  readonly left: ReadonlySet<string>
  ask(approvalId: string): void
  /** Somebody has decided it. */
  settle(approvalId: string): void
  /** The turn is over. */
  close(): Promise<void>
}

export function createDecisions(asking: Asking): Decisions {
  const open = new Map<string, AbortController>()
  const left = new Set<string>()
  let asked = Promise.resolve()
  return {
    left,
    ask(id) {
      const controller = new AbortController()
      open.set(id, controller)
      asked = asked.then(async () => {
        if ((await askOne(asking, id, controller.signal)) || controller.signal.aborted) return
        left.add(id)
        await asking.onLeft()
      })
    },
    settle(id) {
      left.delete(id)
      open.get(id)?.abort()
    },
    async close() {
      for (const controller of open.values()) controller.abort()
      await asked
    },
  }
}

/** @returns false where it is left open: it takes others, as well or alone, or the person has not decided */
async function askOne({ client, lines, tell }: Asking, id: string, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false
  try {
    const approval = await client.approvals.get(id, { signal })
    tell(questionOf(approval))
    for (;;) {
      const line = await lines.answer(`${ANSWERS}> `, signal)
      if (signal.aborted || line === null || line.trim() === 'later') return false
      const decision = readDecision(line)
      if (decision === null) {
        tell(`Say ${ANSWERS}.`)
        continue
      }
      const { status, votes } = await client.approvals.decide(approval, decision, { signal })
      // One that is on its way to a worker is no vote yet, and may be all that it takes.
      return status !== 'pending' || votes.length === approval.votes.length
    }
  } catch (error) {
    if (signal.aborted) return false
    if (!(error instanceof HoldfastError)) throw error
    // The run still waits for somebody who may decide.
    tell(visible(error.message))
    return false
  }
}

function questionOf({ tool, arguments: args, facts, rule }: Approval): string {
  const known = facts === undefined ? '' : `\n  facts ${visible(JSON.stringify(facts))}`
  return `  ${visible(`${tool} ${JSON.stringify(args)}`)} waits for approval (rule ${visible(String(rule))})${known}`
}

/** `y`, or `n` with words that the model is told; null for anything else. */
function readDecision(line: string): Decision | null {
  const [word = '', ...rest] = line.trim().split(' ')
  const decision = Object.hasOwn(WORDS, word) ? WORDS[word as keyof typeof WORDS] : null
  const message = rest.join(' ')
  if (decision === null || (decision === 'approve' && message !== '')) return null
  return { decision, ...(message !== '' && { message }) }
}
