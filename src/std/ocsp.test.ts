import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { issueCertificate } from '../../test/support/certificates.ts'
import { ocspResponse, type OcspStatement } from '../../test/support/ocsp-responder.ts'
import { derSequence, encodeDer, readDer, readDerChildren } from './der.ts'
import { ocspCertificateId, ocspRequest, readOcspResponse } from './ocsp.ts'

const issuer = issueCertificate({ commonName: 'CA', authority: true })
const certificate = issueCertificate({ commonName: 'a', names: ['a.local'], issuer, serial: 5 })
const other = issueCertificate({ commonName: 'b', names: ['b.local'], issuer, serial: 6 })
const delegate = issueCertificate({ commonName: 'responder', issuer, ocspSigning: true })
const stranger = issueCertificate({ commonName: 'CA', authority: true })
const [x509, issuerX509] = [certificate, issuer].map((each) => new X509Certificate(each.certificate)) as [X509Certificate, X509Certificate]
const nowMs = Date.parse('2026-01-01')

function statusOf(statement: Partial<OcspStatement>): string {
  try {
    return readOcspResponse(ocspResponse({ certificate, issuer, ...statement }), x509, issuerX509, nowMs).status
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}

describe('OCSP', () => {
  it('asks for one certificate', () => {
    const [tbs] = readDerChildren(readDer(ocspRequest(x509, issuerX509)))
    assert.ok(tbs?.content.includes(ocspCertificateId(x509, issuerX509)))
  })

  const table: readonly { readonly name: string; readonly statement: Partial<OcspStatement>; readonly expected: string }[] = [
    { name: 'good', statement: {}, expected: 'good' },
    { name: 'revoked', statement: { status: 'revoked' }, expected: 'revoked' },
    { name: 'unknown', statement: { status: 'unknown' }, expected: 'unknown' },
    { name: 'signed in the name of the issuer', statement: { signer: delegate.privateKey, certificates: [delegate] }, expected: 'good' },
    {
      name: 'signed by a certificate for servers',
      statement: { signer: other.privateKey, certificates: [other] },
      expected: 'OCSP response is not signed by the issuer',
    },
    {
      name: 'signed by a stranger',
      statement: { signer: stranger.privateKey, certificates: [stranger] },
      expected: 'OCSP response is not signed by the issuer',
    },
    { name: 'for another certificate', statement: { certificate: other }, expected: 'OCSP response is for another certificate' },
    { name: 'from the past', statement: { nextUpdate: new Date('2025-01-01') }, expected: 'OCSP response is out of date' },
    { name: 'from the future', statement: { thisUpdate: new Date('2027-01-01') }, expected: 'OCSP response is out of date' },
  ]
  for (const { name, statement, expected } of table) {
    it(`an answer that is ${name}`, () => assert.equal(statusOf(statement), expected))
  }

  it('tells failures of the responder', () => {
    const failed = derSequence(encodeDer(0x0a, Buffer.from([3])))
    assert.throws(() => readOcspResponse(failed, x509, issuerX509, nowMs), /status 3/)
  })

  it('believes no answer with a flipped bit, and never fails otherwise', () => {
    const response = ocspResponse({ certificate, issuer, status: 'revoked' })
    fc.assert(
      fc.property(fc.nat(response.length - 1), fc.nat(7), (at, bit) => {
        const mutated = Buffer.from(response)
        mutated[at] = (mutated[at] ?? 0) ^ (1 << bit)
        try {
          assert.notEqual(readOcspResponse(mutated, x509, issuerX509, nowMs).status, 'good')
        } catch (cause) {
          assert.ok(cause instanceof Error)
          assert.ok(!(cause instanceof assert.AssertionError), 'a changed answer was believed')
        }
      }),
      { numRuns: 300 },
    )
  })
})
