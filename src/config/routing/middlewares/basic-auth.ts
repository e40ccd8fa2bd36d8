import { type Static, bool, defineMiddlewareOptions, object, text, textList } from '../../schema/kit.ts'

/** @@dk:http.middlewares.<name>.basicAuth@@ */
export const basicAuth = defineMiddlewareOptions({
  key: 'basicAuth',
  options: object('@@d:http.middlewares.<name>.basicAuth@@', {
    users: textList('@@d:http.middlewares.<name>.basicAuth.users@@', { secret: true }),
    usersFile: text('@@d:http.middlewares.<name>.basicAuth.usersFile@@'),
    realm: text('@@d:http.middlewares.<name>.basicAuth.realm@@', { effective: 'traefik' }),
    removeHeader: bool('@@d:http.middlewares.<name>.basicAuth.removeHeader@@'),
    headerField: text('@@d:http.middlewares.<name>.basicAuth.headerField@@'),
  }),
})

/** Options of `basicAuth`. */
export type BasicAuthOptions = Static<typeof basicAuth.options>
