/** TLS of HTTP routers: which options, for connections to which hosts, and where routers contradict each other. */
import { parseRule } from '../rules/parser.ts'
import { ruleHostPatterns, ruleHosts } from '../rules/tree.ts'
import { qualify } from './names.ts'
import type { RouterDraft } from './routers.ts'
import { defaultTlsOptions } from './tls-options.ts'

/** Resolves a router's `tls`; `tlsOptions` holds the error of each set of options by qualified name, null when it has none. */
export function resolveRouterTls(draft: RouterDraft, tlsOptions: ReadonlyMap<string, string | null>): void {
  const { tls, rule } = draft.source
  if (tls === undefined || draft.isChild) return
  const given = tls.options === '' ? defaultTlsOptions : tls.options
  const name = given === defaultTlsOptions ? given : qualify(given, draft.provider)
  draft.tlsOptions = name
  const error = tlsOptions.get(name)
  if (error === undefined) draft.fail(`unknown TLS options: ${name}`, { path: 'tls.options', found: given })
  else if (error !== null) draft.fail(error, { path: 'tls.options', found: given })
  if (tls.certResolver !== '') {
    draft.remark('tls.certResolver: certificate resolvers are not supported yet, a certificate for the host or the default one is shown')
  }
  try {
    const tree = parseRule(rule, { protocol: 'http', syntax: draft.syntax })
    draft.tlsHosts = ruleHosts(tree).map((host) => (host.endsWith('.') ? host.slice(0, -1) : host))
    draft.tlsHostPatterns = draft.syntax === 'v3' ? ruleHostPatterns(tree) : []
  } catch {
    // What is wrong with the rule has been said.
    return
  }
  if (name !== defaultTlsOptions && draft.tlsHosts.length + draft.tlsHostPatterns.length === 0) {
    draft.warn(
      `the rule names no host, so connections are not made with the TLS options ${name}: requests on connections with other options are answered with 421`,
      { path: 'tls.options', found: given },
    )
  }
}

/**
 * Warns routers that demand different options for one host on one entry point: those whose options are not the default ones serve nobody there
 * until they agree.
 */
export function reportTlsConflicts(drafts: Iterable<RouterDraft>): void {
  const byHost = new Map<string, RouterDraft[]>()
  for (const draft of drafts) {
    if (draft.tlsOptions === '') continue
    for (const entryPoint of draft.using) {
      for (const host of draft.tlsHosts) {
        const key = `${entryPoint} ${host}`
        const known = byHost.get(key)
        if (known === undefined) byHost.set(key, [draft])
        else known.push(draft)
      }
    }
  }
  for (const [key, sharing] of byHost) {
    const options = new Set(sharing.map((draft) => draft.tlsOptions))
    if (options.size < 2) continue
    const [entryPoint = '', host = ''] = key.split(' ')
    if (host === '*') continue
    const message = `router's TLSOptions configuration is conflicting with other routers on the same entrypoint and host, connections to ${host} on ${entryPoint} are made with the default options, and routers with others answer them with 421`
    for (const draft of sharing)
      draft.warn(message, { path: 'tls.options', found: draft.tlsOptions, allowed: [...options].sort().join(', ') })
  }
}
