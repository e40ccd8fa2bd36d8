/** Every kind of provider that is built. */
import { file } from './file/file.ts'
import { http } from './http/http.ts'
import type { AnyProviderModule } from './provider.ts'
import { rest } from './rest/rest.ts'

/** The list of providers; one line each. */
export const providerModules: readonly AnyProviderModule[] = [file, http, rest]
