import { type Static, bool, defineMiddlewareOptions, object, text, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.digestAuth@@ */
export const digestAuth = defineMiddlewareOptions({
  key: 'digestAuth',
  built: false,
  options: object('@@d:http.middlewares.<name>.digestAuth@@', {
    users: textList('@@d:http.middlewares.<name>.digestAuth.users@@', { secret: true }),
    usersFile: text('@@d:http.middlewares.<name>.digestAuth.usersFile@@'),
    removeHeader: bool('@@d:http.middlewares.<name>.digestAuth.removeHeader@@'),
    realm: text('@@d:http.middlewares.<name>.digestAuth.realm@@', { effective: 'traefik' }),
    headerField: text('@@d:http.middlewares.<name>.digestAuth.headerField@@'),
  }),
})

/** Options of `digestAuth`. */
export type DigestAuthOptions = Static<typeof digestAuth.options>
