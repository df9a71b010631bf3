import { GRANTS } from '../contracts/access/api-key.ts'
import type { CommandName } from './commands.ts'
import type { ProgramName } from './programs.ts'

/** A command whose help stands here. */
export type TableCommand = Exclude<CommandName, ProgramName>

interface CommandHelp {
  /** How it is given, without `holdfast`. */
  readonly usage: string
  /** One line of the overview. */
  readonly summary: string
  readonly details: string
}

const APP = `APP is the file whose default export is the application, for example app.ts. Without it HOLDFAST_APP names the file.`

/** Commander says more about its programs itself. */
type Help = Readonly<Record<TableCommand, CommandHelp> & Record<ProgramName, Pick<CommandHelp, 'summary'>>>

const HELP: Help = {
  dev: {
    usage: 'dev [APP] [--no-watch]',
    summary: 'the whole stack on this machine: Temporal, store, API and worker',
    details: `${APP}

A change of the application's files restarts the worker; runs go on where they are. A file that does not load leaves the
worker as it is, and the problem is printed.
  --no-watch  leaves the files alone after the start

Without a provider's key in the environment, or in .env, scripted models answer.`,
  },
  api: {
    usage: 'api [APP]',
    summary: 'the HTTP API as a process of its own, for production',
    details: `${APP}

Needs DATABASE_URL, TEMPORAL_ADDRESS and HOLDFAST_SECRET.`,
  },
  worker: {
    usage: 'worker [APP] [--health]',
    summary: 'a worker as a process of its own, for production',
    details: `${APP}

Needs DATABASE_URL, TEMPORAL_ADDRESS, HOLDFAST_SECRET and a provider's key.
  --health  starts nothing: exit code 0 where the worker at HOLDFAST_WORKER_PORT of this machine is ready, else 1`,
  },
  migrate: {
    usage: 'migrate [APP]',
    summary: "brings the store's schema up to date, the first step of a deploy",
    details: `${APP}

Needs DATABASE_URL. The API and the workers do the same when they start; it is safe to do it again, and several at once take turns.
A schema that a later release has brought up to date is left as it is.`,
  },
  check: {
    usage: 'check [APP] [--update] [--here]',
    summary: 'whether the application can start, for CI',
    details: `${APP}

Says all problems at once: of the definitions, models whose calls are refused for want of a price, and published prompts
whose text differs from prompts.lock.json beside the application. What only this machine's environment lacks, such as a
provider's key, is listed and is no problem.
  --here    what the environment lacks is a problem, too: for the machine where the application is to run
  --update  writes prompts.lock.json, with the prompts as they are now

Exit code 0: no problem. 1: there are some.`,
  },
  init: {
    usage: 'init DIRECTORY',
    summary: 'a small project to begin with: one agent, one tool, a test',
    details: `The directory must not exist, or be empty. Its last part becomes the project's name.`,
  },
  keys: {
    usage: 'keys create|list|rotate|revoke …',
    summary: 'who may call the API',
    details: `  holdfast keys create --principal NAME --scope SCOPE… [--group NAME…] [--tenant NAME] [--expires-in DAYSd]
  holdfast keys list [--tenant NAME]
  holdfast keys rotate ID [--tenant NAME] [--old-valid-for HOURSh|DAYSd]
  holdfast keys revoke ID [--tenant NAME]

Asks the API at HOLDFAST_API_URL with HOLDFAST_API_KEY where that URL is set, and else uses the store at DATABASE_URL, or the local
stack's. Without --tenant it is about the asking key's tenant over an API; in a store create makes a key of "default", and the others
find every key. Over an API --tenant takes an operator's key, and a key of another tenant cannot be rotated.

rotate gives a key a new secret; the one until now is taken for 24h more, or as long as --old-valid-for says (0: not at all; at most 30d).

Scopes: ${GRANTS.join(', ')}, and those that the application's tools demand: tools:NAME, or tools:* for all of them.
runs:… is about the principal's own runs, runs:…:all about every run of the tenant, tenants:… for operators. --scope and --group may be given several times.`,
  },
  report: {
    usage: 'report [--day [DAY]] [--tenant NAME] [--json|--csv]',
    summary: 'what was spent on a day, by whom and on what',
    details: `  --day     YYYY-MM-DD, today or yesterday, by the tenant's time zone; yesterday where none is named
  --tenant  "default" in a store where it is not given; over an API it can only be the asking key's own
  --json    as GET /v1/reports/{day} answers
  --csv     the spend alone, for a spreadsheet

Asks the API at HOLDFAST_API_URL with HOLDFAST_API_KEY where that URL is set, and else reads the store at DATABASE_URL, or the local stack's.`,
  },
  sign: {
    usage: 'sign --approval ID … | --run ID …',
    summary: "a decision, or a change of a run's budget, for a Temporal signal when the API is away",
    details: `A decision about an approval:

  holdfast sign --approval ID --sha256 HASH --decision approve|edit|reject|respond --by NAME
    [--group NAME…] [--message TEXT] [--comment TEXT] [--arguments JSON]

A change of a run's budget:

  holdfast sign --run ID --by NAME [--max-cost-micro-usd N] [--add-cost-micro-usd N]
    and the same with tokens, model-calls, tool-calls, steps, active-ms`,
  },
  replay: {
    usage: 'replay FILE|ID … | --recent N [--query "VISIBILITY QUERY"]',
    summary: 'plays recorded histories on this version of the product, before it meets running runs',
    details: `FILE is a history as "temporal workflow show --output json" writes it, and its name ends in .json; ID is a workflow id.

Exit code 0: all of them replay. 1: one does not. 2: not all that was asked for could be replayed.`,
  },
  runs: { summary: 'start runs, follow, read and stop them' },
  approvals: { summary: 'calls that wait for a person: list, show and decide them' },
  threads: { summary: 'talk with an agent: a conversation of several runs' },
  usage: { summary: 'what was used, by agent, model, principal, day or thread' },
  deploy: {
    usage: 'deploy status|promote|rollback|drain …',
    summary: 'which build of the workers new runs begin on: promote one, ramp it, roll back',
    details: `  holdfast deploy status [--json]
  holdfast deploy promote [BUILD] [--percent N] [--force --reason TEXT]
  holdfast deploy rollback [--force]
  holdfast deploy drain BUILD

For workers with HOLDFAST_VERSIONING=pinned. Runs under way stay with the build that they began on.

  promote   gives BUILD all new runs, or N percent of them. Without BUILD it is the build of this program's own code. Recent
            runs are replayed on it first, and it is refused where one does not replay; --force goes past that, on the record.
  rollback  takes new runs away from the build that was promoted last. Repeated, it changes nothing; --force goes back
            further, and to a build without workers.
  drain     asks the open runs of BUILD to move to the current build, so that BUILD's workers can be stopped.

Each may be repeated. Needs TEMPORAL_ADDRESS, and HOLDFAST_DEPLOYMENT where workers have another name than holdfast.

Exit code 1: a run does not replay. 3: there is no such build or deployment. 4: refused. 5: Temporal does not answer, or workers are
still to come.`,
  },
  doctor: { summary: 'whether everything that runs need is there, and what to do where it is not' },
  demo: {
    usage: 'demo [APP] [--url URL] [--key KEY]',
    summary: "plays the application's example against a stack that is up, approval included",
    details: `${APP}

  --url  the API; the local stack's where it is not given
  --key  an API key for it; the local stack's own is found by itself

Where the run's own principal may not approve a call, or others have to agree, the local stack gets a key for each further
person, for that decision alone. With --url the demonstration waits for them, and says for whom.`,
  },
  completion: { summary: 'a script that completes commands in bash, zsh or fish' },
}

const WIDTH = Math.max(...Object.keys(HELP).map((name) => name.length))

export const OVERVIEW = [
  'Usage: holdfast COMMAND …',
  '',
  ...Object.entries(HELP).map(([name, { summary }]) => `  ${name.padEnd(WIDTH)}  ${summary}`),
  '',
  '"holdfast COMMAND --help" says more about one; "holdfast --version" which version this is.',
].join('\n')

export function helpOf(name: TableCommand): string {
  const { summary, details } = HELP[name]
  return `${usageLineOf(name)}\n\n${capitalised(summary)}.\n\n${details}`
}

/** How a command is given, on one line. */
export function usageLineOf(name: TableCommand): string {
  return `Usage: holdfast ${HELP[name].usage}`
}

/** What a command line that cannot be understood is answered with. */
export function usageOf(name: TableCommand): string {
  return `${usageLineOf(name)}\n\n${HELP[name].details}`
}

/** One line of the overview. */
export function summaryOf(name: CommandName): string {
  return HELP[name].summary
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
