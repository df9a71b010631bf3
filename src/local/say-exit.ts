import { appTrace } from '../app/app-trace.ts'

/**
 * Says who called `process.exit` while the stack runs, which would otherwise end without a word. Disposing ends that, for an exit
 * that is meant.
 */
export function sayExit(): Disposable {
  const say = (code: number) => {
    // Handlers of this event run inside the call of `process.exit`, so the stack leads to it.
    const called = new Error(`Something in the application called process.exit(${code}).`)
    process.stderr.write(`\nThe stack has ended. ${appTrace(called).replace(/^Error: /, '')}\n`)
  }
  process.once('exit', say)
  return { [Symbol.dispose]: () => process.off('exit', say) }
}
