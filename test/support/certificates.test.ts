import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { connect, createServer } from 'node:tls'
import { issueCertificate } from './certificates.ts'

const authority = issueCertificate({ commonName: 'Test CA', organization: 'Test', authority: true })

test('an authority signs itself and others', () => {
  const root = new X509Certificate(authority.certificate)
  const leaf = new X509Certificate(
    issueCertificate({ commonName: 'a', names: ['a.local', '*.b.local', '127.0.0.1'], issuer: authority, serial: 1000 }).certificate,
  )
  assert.ok(root.ca)
  assert.ok(!leaf.ca)
  assert.ok(root.verify(authority.publicKey))
  assert.ok(leaf.verify(authority.publicKey))
  assert.ok(leaf.checkIssued(root))
  assert.equal(leaf.subjectAltName, 'DNS:a.local, DNS:*.b.local, IP Address:127.0.0.1')
  assert.equal(leaf.serialNumber, '03E8')
  assert.equal(root.subject, 'O=Test\nCN=Test CA')
})

test('both ends accept what it signed, and refuse what it did not', async (t) => {
  const leaf = issueCertificate({ commonName: 'a.local', names: ['a.local'], issuer: authority })
  const server = createServer({
    cert: leaf.certificate,
    key: leaf.key,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const options = { port, host: '127.0.0.1', servername: 'a.local', cert: leaf.certificate, key: leaf.key }

  const trusted = connect({ ...options, ca: authority.certificate })
  await once(trusted, 'secureConnect')
  assert.ok(trusted.authorized)
  trusted.destroy()

  const stranger = issueCertificate({ commonName: 'Test CA', organization: 'Test', authority: true })
  const refused = connect({ ...options, ca: stranger.certificate })
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException]
  assert.match(error.code ?? '', /CERT|SIGNATURE/)
})
