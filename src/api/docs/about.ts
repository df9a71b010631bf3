import { isOperators, SCOPES, type Scope } from '../../contracts/access/api-key.ts'

const SCOPE_WORDS = `Each operation names the scopes of which it takes one. \`runs:read\`, \`runs:write\` and \`runs:cancel\` are about the runs of the caller's own principal, the same with \`:all\` about every run of the tenant. There are: ${named(SCOPES)}. Of these ${named(SCOPES.filter(isOperators))} are the operator's, about the whole installation: \`operator\` covers them, and \`admin\` does not.`

/** What the document says of the API as a whole. */
export const ABOUT = {
  openapi: '3.1.0',
  info: {
    title: 'Holdfast',
    description: 'LLM agents as durable runs: start them, follow them, decide what they may do.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/', description: 'The API that this document is from.' }],
  tags: [
    { name: 'runs', description: 'Runs of agents: start, follow, talk to and stop them.' },
    { name: 'schedules', description: 'Runs that are started at certain times.' },
    { name: 'threads', description: 'Conversations of several runs, which take turns.' },
    { name: 'memories', description: 'What agents have kept about people, over runs and threads.' },
    { name: 'files', description: 'Images and PDFs that messages name.' },
    { name: 'approvals', description: 'Calls that wait for a person, and the decisions about them.' },
    { name: 'agents', description: 'What can be started, with its models, tools and limits.' },
    {
      name: 'budgets',
      description:
        'What runs may spend: their own budgets, those that they share, kill switches, usage and the days they count by.',
    },
    { name: 'providers', description: 'Whether models are asked: circuit breakers, by provider and model.' },
    { name: 'webhooks', description: 'Who is told of what happens to runs, and what became of that.' },
    { name: 'keys', description: 'Who may call.' },
    { name: 'tokens', description: 'Short-lived tokens for pages, each for one run or thread.' },
    { name: 'tenants', description: 'All tenants, for the operator: create, suspend and resume them.' },
    { name: 'service', description: 'Whether this process lives and is ready, and its metrics.' },
  ],
  components: {
    securitySchemes: {
      apiKey: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'hf_…',
        description: `An API key: \`holdfast keys create\`. ${SCOPE_WORDS}`,
      },
      token: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: `A token of the issuer that the operator has named, where there is one. ${SCOPE_WORDS}`,
      },
      browserToken: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'hft_…',
        description:
          'A short-lived token for one run or thread, of `POST /v1/tokens`: operations that name `write` take one that may write.',
      },
    },
  },
} as const

function named(scopes: readonly Scope[]): string {
  return scopes.map((scope) => `\`${scope}\``).join(', ')
}
