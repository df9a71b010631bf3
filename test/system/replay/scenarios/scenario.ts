import type { ApprovalResource } from '../../../../src/api/approvals/approval.schema.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { RunReason, RunStatus } from '../../../../src/contracts/runs/run.ts'
import type { Script } from '../../../../src/testing/script.ts'
import type { Environment } from '../../../support/start-environment.ts'
import type { StartedPlan } from '../../../support/start-plan.ts'
import type { Caller } from '../../runs/support/caller.ts'

/** Where scenarios are played, one after the other: the real system, and models that say what the scenario wants. */
export interface Stage {
  readonly environment: Environment
  readonly caller: Caller
  /** From this length of its history on a workflow is told to hand over. */
  readonly handOverAfterEvents: number
  /** What the models say from now on. */
  answerWith(script: Script): void
  /** Starts a run of an agent over HTTP, with another budget than its agent's where one is given. */
  start(agent: string, input: string, budget?: object): Promise<StartedPlan>
  /** The approval that the run waits for, once the workflow itself waits: the store knows of it a moment before. */
  untilWaiting(started: StartedPlan): Promise<ApprovalResource>
  /** Starts a run of a plan that no agent has. */
  startPlan(plan: RunPlan, input: string): Promise<StartedPlan>
}

interface Kept {
  /** The first release that has it, where that is not 0.1.0. */
  readonly since?: string
  /** The last release that has it, where later ones do something else. */
  readonly until?: string
  /** For SOURCES.md. */
  readonly shows: string
}

/** One way through a workflow that is no run. It is kept where `play` resolves. */
export interface OtherScenario extends Kept {
  /** The workflow's type. */
  readonly workflow: string
  /** Starts the workflow and resolves once it has ended well. */
  play(stage: Stage): Promise<{ readonly workflowId: string }>
}

/** One way through a run whose history is kept. */
export interface Scenario extends Kept {
  /** What the run must have come to, or its recording is not kept: status, and reason where there is one. */
  readonly ends: RunStatus | `${RunStatus}/${RunReason}`
  /** Its workflow hands over to fresh executions. */
  readonly handsOver?: true
  /** Starts the run and does all that it needs to get to its end. */
  play(stage: Stage): Promise<StartedPlan>
}
