import type { App } from '../app/app.ts'
import { canBeAsked, noneOfTheKeys, type ProviderAccess } from '../app/models/provider-access.ts'
import type { Config } from '../config/config.ts'
import { BUILT_IN_PROVIDERS } from '../policies/models/providers.ts'
import { plainScript } from '../testing/plain-script.ts'
import type { Script } from '../testing/script.ts'
import { startScriptedProvider } from '../testing/start-scripted-provider.ts'
import { importAnew } from './dev/app-loader.ts'
import { scriptedProviders } from './scripted-providers.ts'
import { StartError } from './start-error.ts'

export interface Models {
  readonly providers: Config['providers']
  /** One line for a person: which models answer. */
  readonly description: string
  stop(): Promise<void>
}

/** The configured providers; where none of them can be asked, scripted models behind the same adapters. */
export async function startModels(
  { providers }: Pick<Config, 'providers'>,
  { local, models }: Pick<App, 'local' | 'models'>,
): Promise<Models> {
  const real = providers.filter(canBeAsked)
  if (real.length > 0) {
    return { providers, description: real.map(describe).join(', '), stop: async () => undefined }
  }
  const provider = await startScriptedProvider({ script: await loadScript(local.script) })
  return {
    providers: scriptedProviders(models, provider.url),
    description: `scripted, since ${noneOfTheKeys(providers)} is set`,
    stop: () => provider.close(),
  }
}

function describe({ name, baseUrl }: ProviderAccess): string {
  const usual = Object.entries(BUILT_IN_PROVIDERS).find(([builtIn]) => builtIn === name)?.[1]
  return usual?.baseUrl === baseUrl ? name : `${name} at ${baseUrl}`
}

/** An application without a script of its own has models that answer without calling a tool. */
async function loadScript(module: URL | undefined): Promise<Script> {
  if (module === undefined) return plainScript
  const { default: script } = await importAnew(module)
  if (typeof script !== 'function')
    throw new StartError(`${module.pathname} has no script as its default export.`)
  return script as Script
}
