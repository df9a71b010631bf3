import { Problem } from '../../http/problems/problem.ts'
import type { Principal } from '../principal.ts'

/** What a page may say of a turn. The rest decides what the turn costs, whom it tells and in whose name it is: the backend's own. */
const OF_PAGES: readonly string[] = ['agent', 'input', 'multitask_strategy']

/** @throws Problem forbidden, where a browser token starts a turn with more than it may say, or of another agent */
export function confineTurn({ confinement }: Principal, turn: { readonly agent: string }): void {
  if (confinement === undefined) return
  const { agents } = confinement
  const beyond = Object.keys(turn).filter((name) => !OF_PAGES.includes(name))
  const errors = [
    ...beyond.map((name) => ({ pointer: `/${name}`, detail: 'Not with a browser token.' })),
    ...(agents === null || agents.includes(turn.agent)
      ? []
      : [{ pointer: '/agent', detail: 'The token is not for this agent.' }]),
  ]
  if (errors.length > 0) {
    throw new Problem('forbidden', { detail: 'A browser token may not start such a turn.', errors })
  }
}
