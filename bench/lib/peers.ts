/** The proxies that are compared: how each is started for a case, from the configuration files in bench/peers. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import type { CertificateFiles } from './certificate.ts'
import { cores, findProgram, start, waitForPort } from './processes.ts'
import type { Measured } from './processes.ts'
import { routingYaml } from './routing.ts'

/** The root of the repository. */
export const repositoryRoot: string = resolve(import.meta.dirname, '..', '..')

/** What a case asks of a proxy. */
export interface Scenario {
  readonly port: number
  readonly backend: string
  readonly folder: string
  readonly routers?: number
  readonly services?: number
  readonly middlewares?: boolean
  /** A port for the API and the REST provider, for Tidegate and Traefik. */
  readonly apiPort?: number
  /** What comes in; HTTP when absent. Over TCP and UDP bytes are relayed as they are. */
  readonly protocol?: 'http' | 'https' | 'tcp' | 'udp'
  /** Of the proxy, for HTTPS. */
  readonly certificate: CertificateFiles
}

/** A proxy that can be measured. */
export interface Peer {
  readonly name: string
  /** Why it cannot run here, or undefined. */
  missing(): string | undefined
  start(scenario: Scenario): Measured
}

/** Fills a committed configuration file, writes it to the case's folder and gives its path. */
function configure(template: string, scenario: Scenario, values: Readonly<Record<string, string>> = {}): string {
  const text = readFileSync(join(import.meta.dirname, '..', 'peers', template), 'utf8')
  const all: Readonly<Record<string, string>> = {
    PORT: String(scenario.port),
    BACKEND: scenario.backend,
    FOLDER: scenario.folder,
    ...values,
  }
  mkdirSync(scenario.folder, { recursive: true })
  const path = join(scenario.folder, template)
  writeFileSync(
    path,
    text.replace(/@([A-Z]+)@/g, (_, name: string) => all[name] ?? ''),
  )
  return path
}

function nginxServers(scenario: Scenario): string {
  const { certificate, key } = scenario.certificate
  const listen =
    scenario.protocol === 'https'
      ? `listen 127.0.0.1:${scenario.port} ssl http2; ssl_certificate ${certificate}; ssl_certificate_key ${key}`
      : `listen 127.0.0.1:${scenario.port}`
  const pass = scenario.middlewares
    ? `location / { rewrite ^ /added$uri; rewrite ^/added(.*)$ $1 break; include ${scenario.folder}/nginx-headers.conf; proxy_set_header X-From-Proxy bench; add_header X-To-Client bench; proxy_pass http://backend; }`
    : 'location / { proxy_pass http://backend; }'
  if (!scenario.routers) return `server { ${listen}; ${pass} }`
  return Array.from({ length: scenario.routers }, (_, i) => `server { ${listen}; server_name h${i}.bench.test; ${pass} }`).join('\n')
}

/** nginx's relay, which is a package of its own in Debian (libnginx-mod-stream). */
const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so'

/** Whether a peer can relay TCP on this machine. */
export function relaysTcp({ name }: Peer): boolean {
  return name === 'nginx' ? existsSync(streamModule) : name !== 'caddy' && name !== 'traefik fastProxy'
}

/** Whether a peer can relay UDP on this machine. */
export function relaysUdp(peer: Peer): boolean {
  return peer.name !== 'haproxy' && relaysTcp(peer)
}

function streamRoutingYaml(protocol: 'tcp' | 'udp', backend: string): string {
  const router = protocol === 'tcp' ? 'bench: {rule: "HostSNI(`*`)", service: bench}' : 'bench: {service: bench}'
  return `${protocol}: {routers: {${router}}, services: {bench: {loadBalancer: {servers: [{address: "${backend}"}]}}}}\n`
}

/** nginx. */
export const nginx: Peer = {
  name: 'nginx',
  missing: () => (findProgram('nginx') === undefined ? 'nginx is not installed' : undefined),
  start(scenario) {
    const { protocol } = scenario
    if (protocol === 'tcp' || protocol === 'udp') {
      const values = { MODULE: streamModule, PROTOCOL: protocol === 'udp' ? ' udp' : '' }
      const stream = configure('nginx-stream.conf', scenario, values)
      return start('nginx', { command: [findProgram('nginx') ?? 'nginx', '-c', stream], folder: scenario.folder, core: cores.proxy })
    }
    configure('nginx-headers.conf', scenario)
    const file = configure('nginx.conf', scenario, { SERVERS: nginxServers(scenario) })
    return start('nginx', { command: [findProgram('nginx') ?? 'nginx', '-c', file], folder: scenario.folder, core: cores.proxy })
  },
}

const haproxy: Peer = {
  name: 'haproxy',
  missing: () => (findProgram('haproxy') === undefined ? 'haproxy is not installed' : undefined),
  start(scenario) {
    const { protocol, certificate } = scenario
    const secure = { SCHEME: 'https', TLS: ` ssl crt ${certificate.pair} alpn h2,http/1.1` }
    const values = protocol === 'https' ? secure : { SCHEME: 'http' }
    const file = configure(protocol === 'tcp' ? 'haproxy-tcp.cfg' : 'haproxy.cfg', scenario, values)
    const command = [findProgram('haproxy') ?? 'haproxy', '-db', '-f', file]
    return start('haproxy', { command, folder: scenario.folder, core: cores.proxy })
  },
}

const caddy: Peer = {
  name: 'caddy',
  missing: () => (findProgram('caddy') === undefined ? 'caddy is not installed' : undefined),
  start(scenario) {
    const { certificate, key } = scenario.certificate
    const secure = { SCHEME: 'https', TLS: `tls ${certificate} ${key}` }
    const file = configure('Caddyfile', scenario, scenario.protocol === 'https' ? secure : { SCHEME: 'http' })
    const command = [findProgram('caddy') ?? 'caddy', 'run', '--adapter', 'caddyfile', '--config', file]
    const env = { HOME: scenario.folder, GOMAXPROCS: '1' }
    return start('caddy', { command, folder: scenario.folder, core: cores.proxy, env })
  },
}

function configureRouting(scenario: Scenario, more: string): string {
  const { routers = 0, services = 1, middlewares = false, backend, apiPort, protocol = 'http' } = scenario
  const withApi = {
    ENTRYPOINTS: `  traefik:\n    address: 127.0.0.1:${apiPort}`,
    PROVIDERS: '  rest:\n    insecure: true\napi:\n  insecure: true',
  }
  const values = { MORE: more, PROTOCOL: protocol === 'udp' ? '/udp' : '', ...(apiPort === undefined ? {} : withApi) }
  const certificate = protocol === 'https' ? { certificate: scenario.certificate } : {}
  const routing =
    protocol === 'tcp' || protocol === 'udp'
      ? streamRoutingYaml(protocol, backend)
      : routingYaml({ routers, services, middlewares, backend, ...certificate })
  writeFileSync(join(scenario.folder, 'routing.yml'), routing)
  return configure('routing-install.yml', scenario, values)
}

function traefikPeer(name: string, more: string): Peer {
  const binary = process.env['TRAEFIK_BINARY']
  return {
    name,
    missing: () => (binary !== undefined && existsSync(binary) ? undefined : 'TRAEFIK_BINARY names no Traefik'),
    start(scenario) {
      const command = [binary ?? 'traefik', `--configFile=${configureRouting(scenario, more)}`]
      return start(name, { command, folder: scenario.folder, core: cores.proxy, env: { GOMAXPROCS: '1' } })
    },
  }
}

const traefik = traefikPeer('traefik', '')
const traefikFast = traefikPeer('traefik fastProxy', 'experimental:\n  fastProxy: {}')

/** Tidegate with one worker, as it is installed: compiled where `npm run build` has been run, else from its sources. */
export const tidegate: Peer = tidegatePeer('tidegate', 'workers: 1')

/** Tidegate with a number of workers and further install options. */
export function tidegatePeer(name: string, more: string, env: Readonly<Record<string, string>> = {}): Peer {
  return {
    name,
    missing: () => undefined,
    start(scenario) {
      const command = [...tidegateCommand(), `--configFile=${configureRouting(scenario, more)}`]
      return start(name, { command, folder: scenario.folder, core: cores.proxy, env })
    },
  }
}

/** How Tidegate is started: as the published package does when it is built, since that decides memory and the time to start. */
export function tidegateCommand(): string[] {
  const built = join(repositoryRoot, 'dist', 'main.js')
  if (!existsSync(built)) return [join(repositoryRoot, 'bin', 'tidegate')]
  return [process.execPath, built]
}

/** All peers; `--peers` picks among them. */
export const peers: readonly Peer[] = [nginx, haproxy, caddy, traefik, traefikFast, tidegate]

/** Starts a peer and waits until it accepts; whether it takes datagrams cannot be seen from outside. */
export async function startPeer(peer: Peer, scenario: Scenario): Promise<Measured> {
  mkdirSync(scenario.folder, { recursive: true })
  const measured = peer.start(scenario)
  if (scenario.protocol !== 'udp') await waitForPort(measured, scenario.port, 60_000)
  return measured
}
