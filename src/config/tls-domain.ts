import { text, textList } from './schema/kit.ts'

/** A domain and its alternative names, for certificate resolvers. */
export const tlsDomain = {
  main: text('The main name.'),
  sans: textList('Alternative names.'),
}
