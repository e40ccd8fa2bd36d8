/** Routing configuration that somebody sends: `PUT /api/providers/rest` with JSON. */
import type { RestProviderOptions } from '../../config/install/providers/rest.ts'
import { decodeRouting } from '../../config/routing/decode-routing.ts'
import { formatProblem } from '../../config/schema/problem.ts'
import { defineProvider, type Provider, type ProviderContext } from '../provider.ts'

/** The REST provider. */
export const rest = defineProvider<RestProviderOptions>({
  key: 'rest',
  name: 'rest',
  title: 'Rest',
  create: (_options, context) => new RestProvider(context),
})

/** Takes configurations by call. */
export class RestProvider implements Provider {
  readonly #context: ProviderContext

  constructor(context: ProviderContext) {
    this.#context = context
  }

  /** Puts a JSON text into force; returns what is wrong with it, or null. */
  put(text: string): string | null {
    const { routing, problems, locate } = decodeRouting(text, 'json', { source: 'rest', file: 'request' })
    if (routing === undefined) return problems.map(formatProblem).join('\n')
    this.#context.report(problems)
    this.#context.publish({ routing, locate })
    return null
  }

  close(): void {}
}
