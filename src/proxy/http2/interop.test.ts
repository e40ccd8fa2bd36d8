import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { describe, it } from 'node:test'
import { createServer, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { issueCertificate } from '../../../test/support/certificates.ts'
import { echo } from '../../../test/support/http1-rig.ts'
import { Http2Rig } from '../../../test/support/http2-rig.ts'
import { systemClock } from '../../std/clock.ts'

const run = promisify(execFile)

/** Where a program is; null when it is nowhere. */
function find(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(':'), join(homedir(), 'go', 'bin')]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null
}

interface Places {
  readonly plain: number
  readonly secure: number
}

/** A server without TLS and one with it, on the same driver. */
async function withServers(use: (places: Places) => Promise<void>): Promise<void> {
  const rig = await Http2Rig.listen(echo, { clock: systemClock })
  const certificate = issueCertificate({ commonName: 'localhost', names: ['localhost', '127.0.0.1'] })
  const tls = createServer(
    { cert: certificate.certificate, key: certificate.key, ALPNProtocols: ['h2'], pauseOnConnect: true },
    (socket: TLSSocket) => rig.serve(socket),
  )
  tls.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve))
  try {
    await use({ plain: rig.port, secure: (tls.address() as AddressInfo).port })
  } finally {
    tls.close()
    rig.close()
  }
  assert.deepEqual(rig.errors, [])
}

describe('h2spec', () => {
  const program = find('h2spec')
  const skip = program === null ? 'h2spec is not there: go install github.com/summerwind/h2spec/cmd/h2spec@latest' : false
  it('passes whole, without TLS and with it', { skip }, async () => {
    await withServers(async ({ plain, secure }) => {
      for (const place of [
        ['-p', String(plain)],
        ['-p', String(secure), '-t', '-k'],
      ]) {
        const { stdout } = await run(program ?? '', ['-h', '127.0.0.1', ...place, '-o', '5', 'generic', 'http2', 'hpack'])
        const [, tests, passed] = /(\d+) tests, (\d+) passed, 0 skipped, 0 failed/.exec(stdout) ?? []
        assert.ok(Number(tests) > 140, stdout.slice(-500))
        assert.equal(passed, tests)
      }
    })
  })
})

describe('other clients', () => {
  const curl = find('curl')
  it('curl', { skip: curl === null ? 'curl is not there' : false }, async () => {
    await withServers(async ({ plain, secure }) => {
      for (const [url, ...options] of [
        [`http://127.0.0.1:${plain}/c`, '--http2-prior-knowledge'],
        [`https://127.0.0.1:${secure}/c`, '--http2', '-k'],
      ] as const) {
        const { stdout } = await run(curl ?? '', ['-s', '-w', ' %{http_version} %{http_code}', ...options, '-d', 'body', url])
        assert.equal(stdout, 'POST body 2 200')
      }
    })
  })

  const h2load = find('h2load')
  it('h2load', { skip: h2load === null ? 'h2load is not there: nghttp2-client' : false }, async () => {
    await withServers(async ({ plain, secure }) => {
      for (const url of [`http://127.0.0.1:${plain}/`, `https://127.0.0.1:${secure}/`]) {
        const { stdout } = await run(h2load ?? '', ['-n', '2000', '-c', '4', '-m', '50', url])
        assert.match(stdout, /2000 succeeded, 0 failed, 0 errored/)
      }
    })
  })

  const nghttp = find('nghttp')
  it('nghttp, with priorities and padding', { skip: nghttp === null ? 'nghttp is not there: nghttp2-client' : false }, async () => {
    await withServers(async ({ plain }) => {
      const url = `http://127.0.0.1:${plain}/n`
      const { stdout } = await run(nghttp ?? '', ['-b', '100', '-p', '3', '-m', '20', '-H', 'priority: u=1, i', url])
      assert.equal(stdout, 'GET /n'.repeat(20))
    })
  })
})
