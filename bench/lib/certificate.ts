/** The certificate that every proxy shows: ECDSA P-256, since the cost of a handshake depends on its kind. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { issueCertificate } from '../../src/std/certificate-maker.ts'

const dayMs = 24 * 3600 * 1000

/** Where it lies. */
export interface CertificateFiles {
  readonly certificate: string
  readonly key: string
  /** Both in one file, as HAProxy wants them. */
  readonly pair: string
}

/** Makes a certificate for the benchmark's hosts and writes it to a folder. */
export function writeCertificate(folder: string): CertificateFiles {
  const now = Date.now()
  const { certificate, key } = issueCertificate({
    commonName: 'bench.test',
    names: ['*.bench.test', '127.0.0.1'],
    keyType: 'ecdsa',
    notBefore: new Date(now - dayMs),
    notAfter: new Date(now + 30 * dayMs),
  })
  const files = { certificate: join(folder, 'bench.crt'), key: join(folder, 'bench.key'), pair: join(folder, 'bench.pem') }
  writeFileSync(files.certificate, certificate)
  writeFileSync(files.key, key)
  writeFileSync(files.pair, certificate.trimEnd() + '\n' + key)
  return files
}
