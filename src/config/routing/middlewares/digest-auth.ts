import { type Static, bool, defineMiddlewareOptions, object, text, textList } from '../../schema/kit.ts'
import { parseDigestUsers } from '../digest-users.ts'
import { nonceBytes } from '../nonce-memory.ts'

/** Asks for a user name and a password without sending the password (RFC 7616). */
export const digestAuth = defineMiddlewareOptions({
  key: 'digestAuth',
  options: object('Asks for a user name and a password without sending the password (RFC 7616).', {
    users: textList('Users as `name:realm:HA1`.', { secret: true }),
    usersFile: text('File with one `name:realm:HA1` per line.'),
    removeHeader: bool('Whether the Authorization header is taken off before the request goes on.'),
    realm: text('Realm that the browser shows.', { effective: 'traefik' }),
    headerField: text("Request header that gets the user's name."),
  }),
  // The lines of usersFile stand in front of `users` by now: the control plane has read the file.
  check({ users }) {
    const parsed = parseDigestUsers(users)
    return 'error' in parsed ? parsed.error : undefined
  },
  sharedBytes: () => nonceBytes,
})

/** Options of `digestAuth`. */
export type DigestAuthOptions = Static<typeof digestAuth.options>
