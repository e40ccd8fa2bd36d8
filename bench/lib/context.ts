/** What every case gets: the backend, ports and folders of its own, and who takes part. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Backend } from './backend.ts'
import { type CertificateFiles, writeCertificate } from './certificate.ts'
import { until } from './http.ts'
import type { Rounds } from './interleaved.ts'
import { startPeer } from './peers.ts'
import type { Peer, Scenario } from './peers.ts'
import type { Measured } from './processes.ts'
import type { CaseReport } from './report.ts'

/** What a context is made of. */
export interface ContextOptions {
  readonly folder: string
  readonly backend: Backend
  readonly peers: readonly Peer[]
  readonly rounds: Rounds
  readonly firstPort: number
}

/** What cases share. */
export class Context {
  readonly backend: Backend
  readonly peers: readonly Peer[]
  readonly rounds: Rounds
  /** Of every peer that speaks TLS. */
  readonly certificate: CertificateFiles
  readonly #folder: string
  readonly #running: Measured[] = []
  #port: number

  constructor(options: ContextOptions) {
    this.#folder = options.folder
    this.certificate = writeCertificate(options.folder)
    this.backend = options.backend
    this.peers = options.peers
    this.rounds = options.rounds
    this.#port = options.firstPort
  }

  /** A scenario with a port and a folder of its own. */
  scenario(options: Partial<Scenario> = {}): Scenario {
    const port = this.#port++
    const folder = join(this.#folder, String(port))
    mkdirSync(folder, { recursive: true })
    return { backend: this.backend.address, port, folder, certificate: this.certificate, ...options }
  }

  /** Starts a peer that ends with the case, and waits until it passes requests on. */
  async start(peer: Peer, scenario: Scenario): Promise<Measured> {
    const measured = await this.launch(peer, scenario)
    await until({ port: scenario.port, isSecure: scenario.protocol === 'https' }, 'h0.bench.test', '/', (answer) => answer.status === 200)
    return measured
  }

  /** The same, but waits only for its port. */
  async launch(peer: Peer, scenario: Scenario): Promise<Measured> {
    const measured = await startPeer(peer, scenario)
    this.#running.push(measured)
    return measured
  }

  /** A peer by its name, when it takes part. */
  peer(name: string): Peer | undefined {
    return this.peers.find((peer) => peer.name === name)
  }

  /** Ends what the case started. */
  async endCase(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((measured) => measured.end()))
  }
}

/** A case of the benchmark. */
export interface BenchCase {
  readonly name: string
  run(context: Context): Promise<CaseReport>
}
