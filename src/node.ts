/*
 * `holdfast/node`: the processes of an application, in code. `holdfast dev`, `api` and `worker` are these on a command line.
 */

export { startApi } from './api/start-api.ts'
export { type LocalOptions, startLocal } from './local/start-local.ts'
export { startWorker } from './worker/start-worker.ts'
