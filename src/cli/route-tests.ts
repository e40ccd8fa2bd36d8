/** Tests of routes: requests, and what is to become of them, in a YAML file. */
import { readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { decodeTree } from '../config/schema/decode.ts'
import { bool, int, object, objectList, optional, text, textMap } from '../config/schema/kit.ts'
import { formatProblem } from '../config/schema/problem.ts'
import { readRequest } from '../generation/explain-request.ts'
import type { ExplainedRouting, Explanation, ExplainRequest } from '../generation/explanation.ts'

const file = object('Requests, and what is to become of them.', {
  tests: objectList('One request each.', {
    name: text('Shown when the test fails; the request itself when it has none.'),
    request: text('Method and URL, such as `GET https://example.com/path`.'),
    headers: textMap('Header fields of the request.'),
    client: text('Address of the client; 127.0.0.1 when it is not given.'),
    entryPoint: text('The entry point that is asked; all that the port leads to when it is not given.'),
    router: text('Name of the router that is to take the request, with its provider.'),
    noRouter: bool('No router is to take it.'),
    service: text('Name of the service that it is to reach.'),
    server: text('URL of the server that it is to reach.'),
    status: optional(int('Status that Tidegate is to answer by itself.')),
    location: text('Where it is to be redirected.'),
    path: text('Path, with the query, that the server is to be asked for.'),
    tlsOptions: text('Set of TLS options of the connection.'),
  }),
})

/** A test. Expectations that are empty are none. */
export interface RouteTest {
  readonly name: string
  readonly request: ExplainRequest
  readonly router: string
  readonly noRouter: boolean
  readonly service: string
  readonly server: string
  readonly status: number | undefined
  readonly location: string
  readonly path: string
  readonly tlsOptions: string
}

/** Reads a file of tests. */
export function readRouteTests(path: string): { readonly tests: readonly RouteTest[]; readonly problems: readonly string[] } {
  let tree: unknown
  try {
    tree = load(readFileSync(path, 'utf8'))
  } catch (cause) {
    return { tests: [], problems: [`${path}: ${cause instanceof Error ? cause.message : String(cause)}`] }
  }
  const { value, problems } = decodeTree(file, tree, { source: 'file' })
  const errors = problems.filter(({ severity }) => severity === 'error').map((problem) => `${path}: ${formatProblem(problem)}`)
  if (errors.length > 0) return { tests: [], problems: errors }
  const tests: RouteTest[] = []
  for (const each of value.tests) {
    const request = readRequest(each.request.split(/\s+/), Object.entries(each.headers), each.client, each.entryPoint)
    if (typeof request === 'string') errors.push(`${path}: ${each.name === '' ? each.request : each.name}: ${request}`)
    else tests.push({ ...each, name: each.name === '' ? each.request : each.name, request, status: each.status })
  }
  return { tests, problems: errors }
}

/** What came out differently; empty when the test passes. */
export function failuresOf(test: RouteTest, explanation: Explanation): string[] {
  if (explanation.problem !== null) return [`${test.name}: ${explanation.problem}`]
  return explanation.entryPoints.flatMap((entryPoint) => {
    const failures: string[] = []
    const last = lastOf(entryPoint.routing)
    const expect = (what: string, wanted: string, found: string): void => {
      if (wanted !== '' && wanted !== found)
        failures.push(`${test.name} (${entryPoint.name}): ${what}: expected ${wanted}, got ${found === '' ? 'none' : found}`)
    }
    const answer = entryPoint.refusal ?? last?.answer ?? null
    expect('router', test.router, entryPoint.tcpRouter ?? last?.router ?? '')
    if (test.noRouter && last?.router !== null && last !== null) expect('router', 'none', last.router)
    expect('service', test.service, last?.service?.name ?? '')
    expect('server', test.server, last?.service?.chosen ?? '')
    expect('status', test.status === undefined ? '' : String(test.status), answer === null ? '' : String(answer.status))
    expect('location', test.location, answer?.location ?? '')
    expect('path', test.path, last?.forwarded?.target ?? '')
    expect('TLS options', test.tlsOptions, entryPoint.tls?.options ?? '')
    return failures
  })
}

/** The routing that has the last word: that of the innermost routers. */
function lastOf(routing: ExplainedRouting | null): ExplainedRouting | null {
  return routing === null || routing.below === null ? routing : lastOf(routing.below)
}
