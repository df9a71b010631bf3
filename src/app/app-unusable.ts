/** All that is wrong with an application, one problem a line; each names what it is about and what mends it. */
export class AppUnusable extends Error {
  override readonly name = 'AppUnusable'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The application is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.problems = problems
  }
}
