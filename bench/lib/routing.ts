/** Routing configuration for cases, the same for Tidegate and Traefik. Written as YAML text by hand: it is large and simple. */

/** What a routing file holds. */
export interface RoutingShape {
  /** Routers by host, h0.bench.test and on; 0 means one router for everything. */
  readonly routers: number
  /** Services that the routers share in turn. */
  readonly services: number
  readonly middlewares: boolean
  readonly backend: string
  /** Files of a certificate; routers are for HTTPS then. */
  readonly certificate?: { readonly certificate: string; readonly key: string }
}

const middlewareText = `  middlewares:
    with-prefix:
      addPrefix:
        prefix: /added
    without-prefix:
      stripPrefix:
        prefixes: [/added]
    marked:
      headers:
        customRequestHeaders:
          X-From-Proxy: bench
        customResponseHeaders:
          X-To-Client: bench
`

/** The YAML text of a routing file. */
export function routingYaml(shape: RoutingShape): string {
  const lines = ['http:', '  routers:']
  const { certificate } = shape
  const chosen =
    (shape.middlewares ? '\n      middlewares: [with-prefix, without-prefix, marked]' : '') +
    (certificate === undefined ? '' : '\n      tls: {}')
  if (shape.routers === 0) lines.push(`    all:\n      rule: PathPrefix(\`/\`)${chosen}\n      service: s0`)
  for (let i = 0; i < shape.routers; i++) {
    lines.push(`    r${i}:\n      rule: Host(\`h${i}.bench.test\`)${chosen}\n      service: s${i % shape.services}`)
  }
  if (shape.middlewares) lines.push(middlewareText.trimEnd())
  lines.push('  services:')
  for (let i = 0; i < shape.services; i++) {
    lines.push(`    s${i}:\n      loadBalancer:\n        servers:\n          - url: http://${shape.backend}`)
  }
  if (certificate !== undefined) {
    lines.push('tls:', '  certificates:', `    - certFile: ${certificate.certificate}`, `      keyFile: ${certificate.key}`)
  }
  return `${lines.join('\n')}\n`
}

/** The same as data, for the REST provider. */
export function routingData(shape: RoutingShape, changed?: { readonly service: number; readonly backend: string }): object {
  const routers: Record<string, object> = {}
  const services: Record<string, object> = {}
  for (let i = 0; i < shape.routers; i++) routers[`r${i}`] = { rule: `Host(\`h${i}.bench.test\`)`, service: `s${i % shape.services}` }
  for (let i = 0; i < shape.services; i++) {
    const backend = changed?.service === i ? changed.backend : shape.backend
    services[`s${i}`] = { loadBalancer: { servers: [{ url: `http://${backend}` }] } }
  }
  return { http: { routers, services } }
}
