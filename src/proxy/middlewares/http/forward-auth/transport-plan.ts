/** How the authentication server is reached when the options say something of TLS. */
import type { ForwardAuthOptions } from '../../../../config/routing/middlewares/forward-auth.ts'
import type { TransportPlan } from '../../../../generation/plan.ts'
import { outboundTransport } from '../../../../generation/transport-defaults.ts'

/** The transport; null where the common one serves. Files that the options name have been read. */
export function authTransport(name: string, options: ForwardAuthOptions): TransportPlan | null {
  const { tls } = options
  if (tls === undefined) return null
  return {
    ...outboundTransport,
    name: `forwardAuth ${name}`,
    insecureSkipVerify: tls.insecureSkipVerify,
    rootCas: tls.ca === '' ? [] : [tls.ca],
    certificates: tls.cert === '' ? [] : [{ cert: tls.cert, key: tls.key }],
  }
}
