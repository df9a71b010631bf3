import { BENCH_MODEL, benchInput } from '../script.ts'

interface Answer {
  readonly text: string
  readonly tool: string | null
}

interface ResponseBody {
  readonly output: readonly {
    readonly type: string
    readonly name?: string
    readonly content?: readonly { readonly text: string }[]
  }[]
}

/** The scripted model over plain HTTP, without an SDK, a stream or a store. */
export function createBareActivities(providerUrl: string) {
  return {
    async callModel(step: number, steps: number): Promise<Answer> {
      const response = await fetch(`${providerUrl}/v1/responses`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
        body: JSON.stringify({ model: BENCH_MODEL, input: benchInput(step, steps) }),
      })
      const { output } = (await response.json()) as ResponseBody
      const call = output.find(({ type }) => type === 'function_call')
      return { text: output.at(-1)?.content?.[0]?.text ?? '', tool: call?.name ?? null }
    },
    async runTool(name: string): Promise<{ ok: boolean; name: string }> {
      return { ok: true, name }
    },
  }
}

export type BareActivities = ReturnType<typeof createBareActivities>
