import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { issueCertificate } from '../std/certificate-maker.ts'
import { readForwardAuthFiles, readKeysFile } from './auth-files.ts'

const [notBefore, notAfter] = [new Date('2026-01-01T00:00:00Z'), new Date('2036-01-01T00:00:00Z')]
const own = issueCertificate({ commonName: 'a.local', names: ['a.local'], notBefore, notAfter })
const other = issueCertificate({ commonName: 'b.local', names: ['b.local'], notBefore, notAfter })
const files: Readonly<Record<string, string>> = {
  '/ca.pem': own.certificate,
  '/cert.pem': own.certificate,
  '/key.pem': own.key,
  '/other.pem': other.key,
  '/keys': '# of clients\n\n ann:secret \nbob:{SHA256}ff\n',
}
const readFile = (path: string): string | undefined => files[path]
const none = { ca: '', cert: '', key: '', insecureSkipVerify: false }

describe('files of forwardAuth', () => {
  it('take the place of their names', () => {
    const tls = { ...none, ca: '/ca.pem', cert: '/cert.pem', key: own.key }
    assert.deepEqual(readForwardAuthFiles({ address: 'x', tls }, readFile), {
      options: { address: 'x', tls: { ...none, ca: own.certificate, cert: own.certificate, key: own.key } },
    })
    assert.deepEqual(readForwardAuthFiles({ address: 'x' }, readFile), { options: { address: 'x' } })
  })

  it('R24 are refused when they cannot be used', () => {
    const table: readonly (readonly [object, RegExp])[] = [
      [{ ca: '/none.pem' }, /^unable to create client TLS configuration: tls.ca is neither a readable file nor a PEM text$/],
      [{ cert: '/cert.pem' }, /: tls.cert and tls.key are needed together$/],
      [{ key: '/key.pem' }, /: tls.cert and tls.key are needed together$/],
      [{ cert: '/cert.pem', key: '/other.pem' }, /: .*key values mismatch/],
      [{ cert: '/cert.pem', key: '/none.pem' }, /^unable to create client TLS configuration: /],
    ]
    for (const [tls, expected] of table) {
      const read = readForwardAuthFiles({ tls: { ...none, ...tls } }, readFile)
      assert.match('error' in read ? read.error : '', expected)
    }
  })
})

describe('keysFile', () => {
  it('stands in front of keys, without comments', () => {
    assert.deepEqual(readKeysFile('apiKey', { keysFile: '/keys', keys: ['zoe:1'] }, readFile), {
      options: { keysFile: '/keys', keys: ['ann:secret', 'bob:{SHA256}ff', 'zoe:1'] },
    })
  })

  it('must be there', () => {
    assert.deepEqual(readKeysFile('apiKey', { keysFile: '/none', keys: [] }, readFile), { error: 'apiKey.keysFile: cannot read /none' })
  })
})
