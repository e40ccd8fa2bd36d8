import { type Static, bool, defineMiddlewareOptions, object, text, textList } from '../../schema/kit.ts'
import { parseBasicUsers } from '../basic-users.ts'

/** Asks for a user name and a password (RFC 7617). */
export const basicAuth = defineMiddlewareOptions({
  key: 'basicAuth',
  options: object('Asks for a user name and a password (RFC 7617).', {
    users: textList('Users as `name:hash`, with bcrypt, MD5-crypt or SHA-1 hashes.', { secret: true }),
    usersFile: text('File with one `name:hash` per line; `users` win over it for the same name.'),
    realm: text('Realm that the browser shows.', { effective: 'traefik' }),
    removeHeader: bool('Whether the Authorization header is taken off before the request goes on.'),
    headerField: text("Request header that gets the user's name."),
  }),
  // The lines of usersFile stand in front of `users` by now: the control plane has read the file.
  check({ users, usersFile }) {
    const parsed = parseBasicUsers(users)
    if ('error' in parsed) return parsed.error
    return parsed.length === 0 ? `no users found in ${usersFile}` : undefined
  },
})

/** Options of `basicAuth`. */
export type BasicAuthOptions = Static<typeof basicAuth.options>
