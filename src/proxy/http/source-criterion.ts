/** Who a request comes from, as far as limits are concerned. */
import { parseSourcePart, type SourceCriterion, type SourcePart } from '../../config/routing/source-criterion.ts'
import type { Exchange } from './exchange.ts'
import { lowerName } from './header-list.ts'
import { buildIpStrategy, type IpStrategy } from './ip-strategy.ts'

/** Names the source of a request; requests of one source share a limit. */
export type Source = (exchange: Exchange) => string

/** Between the parts of a composite source; header values cannot hold it. */
const separator = '\n'

/** Builds what names the source; `otherwise` counts where the criterion chooses nothing. The control plane has checked it. */
export function buildSource(criterion: SourceCriterion | undefined, otherwise: 'address' | 'host'): Source {
  if (criterion === undefined) return otherwise === 'host' ? requestHost : buildIpStrategy(undefined)
  const { ipStrategy, requestHeaderName, requestHost: byHost, parts } = criterion
  if (parts.length > 0) return composite(parts, buildIpStrategy(ipStrategy))
  if (ipStrategy !== undefined) return buildIpStrategy(ipStrategy)
  if (requestHeaderName !== '') return header(requestHeaderName)
  return byHost || otherwise === 'host' ? requestHost : buildIpStrategy(undefined)
}

/** The canonical host: another spelling or port is no other source. */
function requestHost(exchange: Exchange): string {
  return exchange.host
}

function header(name: string): Source {
  const key = lowerName(name)
  return (exchange) => exchange.headers.get(key) ?? ''
}

function composite(texts: readonly string[], address: IpStrategy): Source {
  const parts = texts.map((text) => {
    const part = parseSourcePart(text)
    if (part === undefined) throw new Error(`sourceCriterion.parts: "${text}" is no part of a source`)
    return partOf(part, address)
  })
  return (exchange) => {
    let source = ''
    for (const part of parts) source += part(exchange) + separator
    return source
  }
}

function partOf({ kind, name }: SourcePart, address: IpStrategy): Source {
  switch (kind) {
    case 'clientIP':
      return address
    case 'host':
      return requestHost
    case 'method':
      return (exchange) => exchange.method
    case 'path':
      return (exchange) => exchange.path
    case 'router':
      return (exchange) => exchange.routerName
    case 'user':
      return (exchange) => exchange.username ?? ''
    case 'header':
      return header(name)
    case 'cookie':
      return (exchange) => pairValue(exchange.headers.get('cookie') ?? '', ';', name)
    default:
      return (exchange) => pairValue(exchange.rawQuery, '&', name)
  }
}

/** Value of a name in a list of pairs such as `a=1; b=2`, as it is written; '' when it is not there. */
function pairValue(list: string, between: string, name: string): string {
  let from = 0
  while (from < list.length) {
    let to = list.indexOf(between, from)
    if (to < 0) to = list.length
    while (list.charCodeAt(from) === 0x20) from += 1
    if (list.startsWith(name, from) && list.charCodeAt(from + name.length) === 0x3d) return list.slice(from + name.length + 1, to)
    from = to + 1
  }
  return ''
}
