import type { Config } from '../config.ts'
import { SCRIPT } from '../dev/models/scripts/index.ts'
import { startScriptedProvider } from '../testing/start-scripted-provider.ts'

export interface Models {
  readonly providers: Config['providers']
  /** One line for a person: who answers. */
  readonly description: string
  stop(): Promise<void>
}

/** The providers that there are keys for. With no key at all, scripted models behind the same adapters. */
export async function startModels({ providers }: Config): Promise<Models> {
  const real = Object.entries(providers).filter(([, provider]) => provider !== null)
  if (real.length > 0) {
    const description = real
      .map(([name, provider]) => (provider?.baseUrl ? `${name} at ${provider.baseUrl}` : name))
      .join(', ')
    return { providers, description, stop: async () => undefined }
  }
  const provider = await startScriptedProvider({ script: SCRIPT })
  return {
    providers: {
      openai: { apiKey: 'scripted', baseUrl: `${provider.url}/v1` },
      anthropic: { apiKey: 'scripted', baseUrl: provider.url },
    },
    description: 'scripted, since neither OPENAI_API_KEY nor ANTHROPIC_API_KEY is set',
    stop: () => provider.close(),
  }
}
