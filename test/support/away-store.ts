import type { Database, Db, Statement } from '../../src/store/database/database.ts'
import { statementFailed } from '../../src/store/database/outage.ts'
import { changedDatabase } from './changed-database.ts'

/** A store that can be away, as Postgres is when it restarts. */
export interface AwayStore {
  readonly database: Database
  /** Names of the statements that were sent while it was away. */
  readonly refused: readonly (string | undefined)[]
  /** The store is away until `back`; with `when`, only for statements that it is true of. */
  goAway(when?: (statement: Statement) => boolean): void
  /** Statements that `when` is true of are run, and their answers lost. */
  loseAnswers(when: (statement: Statement) => boolean): void
  back(): void
}

export function awayStore(real: Database): AwayStore {
  const refused: (string | undefined)[] = []
  let isAway: (statement: Statement) => boolean = () => false
  let isLost: (statement: Statement) => boolean = () => false

  const over = (db: Db): Db => ({
    async query(statement) {
      if (isLost(statement)) await db.query(statement)
      else if (!isAway(statement)) return db.query(statement)
      refused.push(statement.name)
      throw statementFailed(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
    },
  })
  return {
    refused,
    database: changedDatabase(real, (one) => ({
      ...over(one),
      transaction: (work) => one.transaction((tx) => work(over(tx))),
      async ping() {
        await over(one).query({ text: 'select 1' })
      },
    })),
    goAway(when = () => true) {
      isAway = when
    },
    loseAnswers(when) {
      isLost = when
    },
    back() {
      isLost = () => false
      isAway = () => false
    },
  }
}
