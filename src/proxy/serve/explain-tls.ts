/** What a TLS connection would come to, and whether a TCP router would have a connection before HTTP. */
import type { ExplainedTls } from '../../generation/explanation.ts'
import type { ClientHello } from '../tls/client-hello.ts'
import { defaultTlsOptions } from '../tls/https-hosts.ts'
import type { Serving } from './build.ts'

/** What today's clients offer. */
const modernHello: Omit<ClientHello, 'serverName'> = {
  alpn: ['h2', 'http/1.1'],
  versions: [0x0304, 0x0303],
  cipherSuites: [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8],
  signatureSchemes: [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0807],
}

/** What the handshake of a client that names `host` comes to, and the policy that its connection is made under. */
export function explainTls(
  host: string,
  entryPoint: string,
  { tls }: Serving,
  nowMs: number,
): { readonly shown: ExplainedTls; readonly policy: string } {
  const serverName = serverNameOf(host)
  const options = tls?.hosts.get(entryPoint)?.find(serverName).options ?? defaultTlsOptions
  const plan = tls?.options.get(options)
  const shown = { serverName, options, minVersion: plan?.minVersion ?? '', clientAuth: plan?.clientAuth ?? '', certificate: null }
  if (tls === null || plan === undefined)
    return { shown: { ...shown, refusal: 'the TLS options cannot be used, so nobody is served by them' }, policy: '' }
  const hello = { ...modernHello, serverName }
  const named = serverName === '' ? null : tls.index.find(serverName, hello, nowMs)
  if (named === null && plan.sniStrict)
    return { shown: { ...shown, refusal: 'no certificate has the name, and sniStrict asks for one' }, policy: plan.policy }
  const certificate = named ?? tls.index.findDefault(hello, nowMs)
  if (certificate === null) return { shown: { ...shown, refusal: 'there is no certificate to show' }, policy: plan.policy }
  const facts = { names: certificate.names, notAfter: new Date(certificate.notAfterMs).toISOString(), isDefault: named === null }
  return { shown: { ...shown, certificate: facts, refusal: null }, policy: plan.policy }
}

/** Name of the TCP router that has a connection before HTTP does; null when HTTP has it. `host` is null without TLS. */
export function tcpRouterFor(entryPoint: string, host: string | null, clientIp: string, serving: Serving): string | null {
  const routes = serving.streams.tcp.get(entryPoint)
  if (routes === undefined) return null
  if (host === null) return routes.matchPlain(clientIp)?.name ?? null
  const sni = serverNameOf(host)
  const route = routes.matchSecure({ sni, clientIp, alpn: modernHello.alpn })
  const wanted = serving.tls?.hosts.get(entryPoint)?.find(sni).wanted ?? 'none'
  const isForTcp = route !== null && wanted !== 'host' && !(wanted === 'any' && route.isCatchAll)
  return isForTcp ? route.name : null
}

/** Clients name no server by its address (RFC 6066 §3). */
function serverNameOf(host: string): string {
  return /^[\d.]+$|^\[/.test(host) ? '' : host.toLowerCase().replace(/\.$/, '')
}
