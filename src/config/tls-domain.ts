import { text, textList } from './schema/kit.ts'

/** A domain and its alternative names, for certificate resolvers. */
export const tlsDomain = {
  main: text('@@d:http.routers.<name>.tls.domains[n].main@@'),
  sans: textList('@@d:http.routers.<name>.tls.domains[n].sans@@'),
}
