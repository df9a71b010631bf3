import type { App } from '../app/app.ts'
import type { Config } from '../config.ts'
import { plainScript } from '../testing/plain-script.ts'
import type { Script } from '../testing/script.ts'
import { startScriptedProvider } from '../testing/start-scripted-provider.ts'
import { StartError } from './start-error.ts'

export interface Models {
  readonly providers: Config['providers']
  /** One line for a person: who answers. */
  readonly description: string
  stop(): Promise<void>
}

/** The providers that there are keys for. With no key at all, scripted models behind the same adapters. */
export async function startModels({ providers }: Config, { local }: Pick<App, 'local'>): Promise<Models> {
  const real = Object.entries(providers).filter(([, provider]) => provider !== null)
  if (real.length > 0) {
    const description = real
      .map(([name, provider]) => (provider?.baseUrl ? `${name} at ${provider.baseUrl}` : name))
      .join(', ')
    return { providers, description, stop: async () => undefined }
  }
  const provider = await startScriptedProvider({ script: await loadScript(local.script) })
  return {
    providers: {
      openai: { apiKey: 'scripted', baseUrl: `${provider.url}/v1` },
      anthropic: { apiKey: 'scripted', baseUrl: provider.url },
    },
    description: 'scripted, since neither OPENAI_API_KEY nor ANTHROPIC_API_KEY is set',
    stop: () => provider.close(),
  }
}

/** An application without a script of its own has models that answer without calling a tool. */
async function loadScript(module: URL | undefined): Promise<Script> {
  if (module === undefined) return plainScript
  const { default: script } = (await import(module.href)) as { default?: unknown }
  if (typeof script !== 'function')
    throw new StartError(`${module.pathname} has no script as its default export.`)
  return script as Script
}
