import type { Environment } from './environment.ts'

/** The origins of HOLDFAST_CORS_ORIGINS, each as a browser sends it. `*` and `null` stand for anybody, and are none. */
export function corsOriginsOf({ HOLDFAST_CORS_ORIGINS: text }: Environment, problems: string[]): string[] {
  const origins = text
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '')
  const wrong = origins.filter((origin) => !isOrigin(origin))
  if (wrong.length > 0) {
    problems.push(
      `HOLDFAST_CORS_ORIGINS has what is not an origin, such as https://app.example.com: ${wrong.join(', ')}`,
    )
  }
  return origins
}

function isOrigin(text: string): boolean {
  return /^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text
}
