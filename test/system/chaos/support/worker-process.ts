import { type HoldfastProcess, spawnHoldfast } from '../../../support/holdfast-process.ts'

/** `holdfast worker` with the pay desk, as a process of its own. */
export interface WorkerProcess extends HoldfastProcess {
  /** `http://host:port` where it says how it is. */
  readonly url: string
}

const PAY_DESK = 'test/system/chaos/support/pay-desk/app.ts'

/** Resolves when the worker says that it runs. @throws with its output where it ends before that */
export async function startWorkerProcess(
  variables: Readonly<Record<string, string>>,
  program?: string,
  app = PAY_DESK,
): Promise<WorkerProcess> {
  const worker = spawnHoldfast({
    command: 'worker',
    app,
    variables: { HOLDFAST_WORKER_PORT: '0', ...variables },
    ...(program !== undefined && { program }),
  })
  const [, url = ''] = /"url":"(http:[^"]+)"/.exec(await worker.says('"worker runs"')) ?? []
  return { ...worker, url }
}
