/** `tidegate explain`: what would become of a request. */
import { parseArgs } from 'node:util'
import { readRequest } from '../generation/explain-request.ts'
import type { ExplainedEntryPoint, ExplainedRouting, ExplainedService, Explanation } from '../generation/explanation.ts'
import { explainOffline, readOffline } from './offline.ts'

const usage = `tidegate explain [METHOD] URL [-H 'Name: value']… [--client ADDRESS] [--entryPoint NAME] [--json] [--routing FILE]… [-- flags of the router]

Reads the configuration that a router started here would have, and tells which router would take the request and why.
A running router is asked by POST /api/explain.`

/** Runs the command; exit code 1 when there is no such request or no such configuration. */
export async function explain(args: readonly string[]): Promise<number> {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  const flags = args.includes('--') ? args.slice(args.indexOf('--') + 1) : []
  let given
  try {
    given = parseArgs({
      args: [...own],
      allowPositionals: true,
      options: {
        header: { type: 'string', short: 'H', multiple: true },
        client: { type: 'string' },
        entryPoint: { type: 'string' },
        routing: { type: 'string', multiple: true },
        configFile: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (cause) {
    return complain(cause instanceof Error ? cause.message : String(cause))
  }
  const { values, positionals } = given
  if (values.help === true) {
    process.stdout.write(`${usage}\n`)
    return 0
  }
  const request = readRequest(positionals, (values.header ?? []).map(splitField), values.client ?? '', values.entryPoint ?? '')
  if (typeof request === 'string') return complain(request)
  const offline = readOffline(
    values.configFile === undefined ? flags : [`--configFile=${values.configFile}`, ...flags],
    values.routing ?? [],
  )
  for (const { severity, message, file, line } of offline.findings)
    if (severity === 'error') process.stderr.write(`error: ${file ?? ''}${line === undefined ? '' : `:${line}`} ${message}\n`)
  const [explanation] = await explainOffline(offline, [request])
  if (explanation === undefined) return 1
  process.stdout.write(values.json === true ? `${JSON.stringify(explanation, null, 2)}\n` : printExplanation(explanation))
  return explanation.problem === null ? 0 : 1
}

function complain(message: string): number {
  process.stderr.write(`tidegate explain: ${message}\n\n${usage}\n`)
  return 1
}

function splitField(field: string): [string, string] {
  const colon = field.indexOf(':')
  return colon < 0 ? [field, ''] : [field.slice(0, colon).trim(), field.slice(colon + 1).trim()]
}

/** The explanation for people. */
export function printExplanation(explanation: Explanation): string {
  if (explanation.problem !== null) return `${explanation.problem}\n`
  return explanation.entryPoints.map((entryPoint) => `${linesOf(entryPoint).join('\n')}\n`).join('\n')
}

function linesOf({ name, address, tls, tcpRouter, refusal, routing }: ExplainedEntryPoint): string[] {
  const lines = [`entry point ${name} (${address})`]
  if (tls !== null) {
    lines.push(
      `  TLS: server name ${tls.serverName === '' ? '(none)' : tls.serverName}, options ${tls.options}${tls.minVersion === '' ? '' : `, from ${tls.minVersion}`}${tls.clientAuth === '' || tls.clientAuth === 'none' ? '' : `, client certificate: ${tls.clientAuth}`}`,
    )
    if (tls.certificate !== null)
      lines.push(
        `  certificate: ${tls.certificate.names.join(', ')} until ${tls.certificate.notAfter}${tls.certificate.isDefault ? ' (the default one)' : ''}`,
      )
    if (tls.refusal !== null) lines.push(`  refused: ${tls.refusal}`)
  }
  if (tcpRouter !== null) lines.push(`  TCP router ${tcpRouter} has the connection: HTTP routers never see it`)
  if (refusal !== null) lines.push(`  answered before routing: ${refusal.status}${refusal.reason === '' ? '' : ` (${refusal.reason})`}`)
  if (routing !== null) lines.push(...routingLines(routing, '  '))
  return lines
}

function routingLines(routing: ExplainedRouting, indent: string): string[] {
  const { request, candidates, others, router, why, chain, answer, below, service, forwarded } = routing
  const lines = [
    `${indent}request: host ${request.host === '' ? '(none)' : request.host}, path ${request.path}${request.query === '' ? '' : `, query ${request.query}`}`,
  ]
  lines.push(`${indent}routers, in the order in which they are tried:`)
  for (const candidate of candidates) {
    const mark = candidate.router === router ? '→' : candidate.failed === null ? '=' : ' '
    const verdict = candidate.failed === null ? (candidate.router === router ? 'takes it' : 'matches too') : `not: ${candidate.failed}`
    const disabled = candidate.disabled === null ? '' : ` [disabled: ${candidate.disabled}]`
    lines.push(`${indent} ${mark} ${candidate.router} (priority ${candidate.priority})  ${verdict}${disabled}`)
  }
  if (others > 0) lines.push(`${indent}   … and ${others} more, for other hosts`)
  lines.push(`${indent}router: ${router ?? 'none'}: ${why}`)
  for (const { name, kind, outcome } of chain)
    lines.push(
      `${indent}middleware ${name} (${kind}): ${outcome === 'passed' ? 'passes it on' : outcome === 'answered' ? 'answers it' : 'not tried'}`,
    )
  if (answer !== null)
    lines.push(
      `${indent}answer: ${answer.status}${answer.location === '' ? '' : ` to ${answer.location}`}${answer.reason === '' ? '' : ` (${answer.reason})`}`,
    )
  if (below !== null) lines.push(...routingLines(below, `${indent}  `))
  if (service !== null) lines.push(...serviceLines(service, indent))
  if (forwarded !== null) lines.push(`${indent}the server is asked for ${forwarded.target} with Host ${forwarded.host}`)
  return lines
}

function serviceLines(service: ExplainedService, indent: string): string[] {
  const lines = [`${indent}service ${service.name} (${service.kind}${service.strategy === '' ? '' : `, ${service.strategy}`})`]
  for (const name of service.middlewares) lines.push(`${indent}  middleware ${name}`)
  for (const { url, weight, state, inFlight } of service.servers)
    lines.push(
      `${indent}  ${url === service.chosen ? '→' : ' '} ${url} ${state}${weight === 1 ? '' : `, weight ${weight}`}${inFlight === 0 ? '' : `, ${inFlight} in flight`}`,
    )
  for (const child of service.services) lines.push(...serviceLines(child, `${indent}  `))
  if (service.servers.length === 0 && service.chosen !== '') lines.push(`${indent}  → ${service.chosen}`)
  return lines
}
