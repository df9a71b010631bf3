import { proxyActivities } from '@temporalio/workflow'
import type { BareActivities } from './activities.ts'

const { callModel, runTool } = proxyActivities<BareActivities>({
  startToCloseTimeout: '1 minute',
  retry: { maximumAttempts: 3 },
})

/** The least that an agent on Temporal can be: a loop over two activities that keep nothing. */
export async function bareLoop(steps: number): Promise<string> {
  for (let step = 1; step <= steps; step += 1) {
    const answer = await callModel(step, steps)
    if (answer.tool === null) return answer.text
    await runTool(answer.tool)
  }
  return 'out of steps'
}
