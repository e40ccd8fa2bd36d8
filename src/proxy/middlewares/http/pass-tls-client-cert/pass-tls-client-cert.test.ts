import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import { issueCertificate } from '../../../../../test/support/certificates.ts'
import { testMiddlewareContext } from '../../../../../test/support/middleware-context.ts'
import { type Answer, checkMiddleware, MiddlewareRig } from '../../../../../test/support/middleware-rig.ts'
import { passTlsClientCert } from './pass-tls-client-cert.ts'

const authority = issueCertificate({ commonName: 'Golden CA', organization: 'Golden', authority: true })
const made = issueCertificate({
  commonName: 'a "quoted" \\ name',
  organization: 'First Org',
  names: ['one.client', '192.0.2.1', 'spiffe://x/y'],
  issuer: authority,
  serial: 1001,
})
const certificate = new X509Certificate(made.certificate)

/** What a server sees of a client with a certificate, or without. */
async function seen(options: object, client: X509Certificate | null, request = 'GET /'): Promise<Record<string, string>> {
  const checked = checkMiddleware({ passTLSClientCert: options }).options
  const middleware = passTlsClientCert.create(checked, testMiddlewareContext())
  const rig = await MiddlewareRig.start({
    route: (exchange, forward) => {
      const tls = { version: '1.3', cipher: '', serverName: '', clientSubject: '', policy: '', clientCertificate: client }
      Object.assign(exchange.connection, { tls })
      return middleware(forward)(exchange)
    },
  })
  const answer: Answer = await rig.ask(request)
  rig.close()
  return Object.fromEntries(answer.seen?.fields.filter(([name]) => name.startsWith('x-forwarded-tls')) ?? [])
}

describe('passTLSClientCert', () => {
  it('passes the certificate itself on', async () => {
    assert.deepEqual(await seen({ pem: true }, certificate), { 'x-forwarded-tls-client-cert': certificate.raw.toString('base64') })
  })

  it('passes facts on, escaped so that no name can pass for another fact', async () => {
    const all = {
      country: true,
      province: true,
      locality: true,
      organization: true,
      commonName: true,
      serialNumber: true,
      domainComponent: true,
    }
    const info = {
      notAfter: true,
      notBefore: true,
      sans: true,
      serialNumber: true,
      subject: { ...all, organizationalUnit: true },
      issuer: all,
    }
    const { 'x-forwarded-tls-client-cert-info': sent = '' } = await seen({ info }, certificate)
    assert.equal(
      decodeURIComponent(sent.replaceAll('+', ' ')),
      'Subject="O=First Org,CN=a \\"quoted\\" \\\\ name";Issuer="O=Golden,CN=Golden CA";SerialNumber="1001";NB="1577836800";NA="2524607999";SAN="one.client,192.0.2.1,spiffe://x/y"',
    )
    assert.match(sent, /^[\w.~%+-]+$/)
  })

  it('passes nothing on that was not asked for, and nothing without a certificate', async () => {
    assert.deepEqual(await seen({ info: { sans: false } }, certificate), { 'x-forwarded-tls-client-cert-info': '' })
    assert.deepEqual(await seen({ pem: false }, certificate), {})
    assert.deepEqual(await seen({ pem: true, info: { subject: { commonName: true } } }, null), {})
  })

  it('lets no client forge it', async () => {
    const forged = 'GET /\nX-Forwarded-Tls-Client-Cert: forged\nx_forwarded_tls_client_cert_info: forged'
    assert.deepEqual(await seen({ pem: true }, null, forged), {})
  })
})
