import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { issueCertificate } from './certificate-maker.ts'
import { readCertificate } from './certificate-reader.ts'
import { derInteger, derOid, derSequence, derTime, encodeDer, readDer, readDerChildren, readDerTime } from './der.ts'

const dates = { notBefore: new Date('2024-02-29T12:00:00Z'), notAfter: new Date('2060-06-01T00:00:00Z') }

describe('DER', () => {
  it('writes lengths, numbers, identifiers and times in their shortest forms', () => {
    const table: readonly (readonly [Buffer, string])[] = [
      [derInteger(0), '020100'],
      [derInteger(127), '02017f'],
      [derInteger(128), '02020080'],
      [derInteger(Buffer.from([0, 0, 1])), '020101'],
      [derOid('2.5.29.17'), '0603551d11'],
      [derOid('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
      [derTime(new Date('2049-12-31T23:59:59Z')), `170d${Buffer.from('491231235959Z').toString('hex')}`],
      [derTime(new Date('2050-01-01T00:00:00Z')), `180f${Buffer.from('20500101000000Z').toString('hex')}`],
      [encodeDer(4, Buffer.alloc(200)).subarray(0, 3), '0481c8'],
      [encodeDer(4, Buffer.alloc(70_000)).subarray(0, 5), '0483011170'],
    ]
    for (const [bytes, hex] of table) assert.equal(bytes.toString('hex'), hex)
  })

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (parts) => {
        const children = readDerChildren(readDer(derSequence(...parts.map((part) => encodeDer(4, part)))))
        assert.deepEqual(
          children.map(({ content }) => Buffer.from(content)),
          parts.map((part) => Buffer.from(part)),
        )
      }),
      { numRuns: 100 },
    )
    for (const date of [dates.notBefore, dates.notAfter]) assert.equal(readDerTime(readDer(derTime(date))), date.getTime())
  })

  it('refuses what ends early and lengths of unknown forms', () => {
    for (const hex of ['', '30', '3005', '0481', '0480', '0485ffffffffff'])
      assert.throws(() => readDer(Buffer.from(hex, 'hex')), RangeError)
  })
})

describe('certificates', () => {
  const authority = issueCertificate({ commonName: 'CA', organization: 'Test', authority: true, ...dates })
  const leaf = issueCertificate({
    commonName: 'Größe',
    names: ['a.local', '*.b.local', '192.0.2.1', 'spiffe://test/x'],
    issuer: authority,
    serial: 1001,
    ocspUrl: 'http://ocsp.test/',
    ...dates,
  })

  it('are made as Node reads them', () => {
    const x509 = new X509Certificate(leaf.certificate)
    assert.ok(x509.verify(authority.publicKey))
    assert.ok(x509.checkIssued(new X509Certificate(authority.certificate)))
    assert.ok(x509.checkPrivateKey(leaf.privateKey))
    assert.equal(x509.subjectAltName, 'DNS:a.local, DNS:*.b.local, IP Address:192.0.2.1, URI:spiffe://test/x')
    assert.deepEqual([x509.validFromDate, x509.validToDate], [dates.notBefore, dates.notAfter])
    assert.match(x509.infoAccess ?? '', /^OCSP - URI:http:\/\/ocsp\.test\//)
    const rsa = issueCertificate({ commonName: 'rsa', keyType: 'rsa', ...dates })
    assert.ok(new X509Certificate(rsa.certificate).verify(rsa.publicKey))
    const serials = [1, 2].map(() => new X509Certificate(issueCertificate({ commonName: 'x', ...dates }).certificate).serialNumber)
    assert.notEqual(serials[0], serials[1])
  })

  it('are read with what Node does not tell', () => {
    const facts = readCertificate(new X509Certificate(leaf.certificate).raw)
    assert.equal(facts.version, 3)
    assert.equal(facts.serialNumber, 1001n)
    assert.deepEqual(facts.subject.commonName, ['Größe'])
    assert.deepEqual([facts.issuer.commonName, facts.issuer.organization], [['CA'], ['Test']])
    assert.deepEqual([facts.dnsNames, facts.ipAddresses, facts.uris], [['a.local', '*.b.local'], ['192.0.2.1'], ['spiffe://test/x']])
    assert.ok(facts.issuer.der.equals(authority.subject))
  })

  it('that are none are refused, never read beyond their end', () => {
    const { raw } = new X509Certificate(leaf.certificate)
    fc.assert(
      fc.property(fc.nat(raw.length - 1), fc.nat(255), (at, byte) => {
        const mutated = Buffer.from(raw)
        mutated[at] = byte
        try {
          assert.ok(readCertificate(mutated).version >= 1)
        } catch (cause) {
          assert.ok(cause instanceof RangeError, String(cause))
        }
      }),
      { numRuns: 500 },
    )
  })
})
