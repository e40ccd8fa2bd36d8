/**
 * The demo: example servers in this process, and configuration files written to a temporary folder, so that the router runs exactly as it
 * would for a user, and the routing file can be edited while it runs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startExampleServers } from './services.ts'

/** Where the demo listens. */
export interface DemoAddresses {
  readonly web: string
  readonly api: string
}

/** The demo's servers and files, ready for the router. */
export interface Demo {
  /** Arguments that make the router serve the demo. */
  readonly arguments: readonly string[]
  /** What to try, for the terminal. */
  readonly message: string
  /** Stops the servers and removes the files. */
  close(): void
}

/** Loopback only: what the demo serves is for who runs it. */
export const demoAddresses: DemoAddresses = { web: '127.0.0.1:8000', api: '127.0.0.1:8080' }

function installText(addresses: DemoAddresses, routingFile: string): string {
  return `# What the router runs with.
entryPoints:
  web:
    address: ${addresses.web}
  traefik:
    address: ${addresses.api}

api:
  insecure: true

ping: {}

providers:
  file:
    filename: ${JSON.stringify(routingFile)}
    watch: true
`
}

function routingText(urls: Readonly<Record<'whoami' | 'replicaA' | 'replicaB' | 'flaky', string>>): string {
  return `# What the router routes. Edit and save: the router takes changes over while it runs.
http:
  routers:
    whoami:
      rule: Host(\`whoami.localhost\`)
      service: whoami
    whoami-by-path:
      rule: PathPrefix(\`/whoami\`)
      middlewares: [without-prefix, greeting]
      service: whoami
    replicas:
      rule: Host(\`replicas.localhost\`)
      service: replicas
    flaky:
      rule: Host(\`flaky.localhost\`)
      service: flaky
    private:
      rule: Host(\`private.localhost\`)
      middlewares: [password]
      service: whoami

  middlewares:
    without-prefix:
      stripPrefix:
        prefixes: [/whoami]
    greeting:
      headers:
        customRequestHeaders:
          X-Greeting: hello from the demo
        customResponseHeaders:
          X-Served-By: the demo
    password:
      basicAuth:
        users: ['demo:{SHA}ieSV55Qc+eQOaYDRSha/AjzNTJE='] # demo, demo

  services:
    whoami:
      loadBalancer:
        servers:
          - url: ${urls.whoami}
    replicas:
      loadBalancer:
        servers:
          - url: ${urls.replicaA}
          - url: ${urls.replicaB}
    flaky:
      loadBalancer:
        servers:
          - url: ${urls.flaky}
`
}

function messageText(addresses: DemoAddresses, routingFile: string): string {
  const web = `http://${addresses.web}`
  const tries = [
    [`curl -H 'Host: whoami.localhost' ${web}`, 'what a server sees of a request'],
    [`curl -i ${web}/whoami/some/path`, 'the same by path, with two middlewares'],
    [`curl -H 'Host: replicas.localhost' ${web}`, 'two replicas, in turn'],
    [`curl -H 'Host: flaky.localhost' ${web}`, 'a server that fails sometimes'],
    [`curl -u demo:demo -H 'Host: private.localhost' ${web}`, 'behind a password'],
    [`curl http://${addresses.api}/api/http/routers`, 'what the router knows'],
  ]
  const width = Math.max(...tries.map(([command = '']) => command.length))
  return `
Tidegate's demo is running. Try, in another terminal:

${tries.map(([command = '', what = '']) => `  ${command.padEnd(width)}   ${what}`).join('\n')}

The dashboard: http://${addresses.api}/dashboard/

Its routes are in ${routingFile}
Edit that file and see the change at once. Ctrl-C ends the demo.
`
}

/** Starts the example servers and writes the configuration. */
export async function startDemo(addresses: DemoAddresses = demoAddresses): Promise<Demo> {
  const servers = await startExampleServers()
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-demo-'))
  const [installFile, routingFile] = [join(folder, 'tidegate.yml'), join(folder, 'routing.yml')]
  writeFileSync(installFile, installText(addresses, routingFile))
  const urls = { whoami: servers.whoami.url, replicaA: servers.replicaA.url, replicaB: servers.replicaB.url, flaky: servers.flaky.url }
  writeFileSync(routingFile, routingText(urls))
  return {
    arguments: [`--configFile=${installFile}`],
    message: messageText(addresses, routingFile),
    close() {
      for (const server of Object.values(servers)) server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
