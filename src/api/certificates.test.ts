import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { apiParts } from '../../test/support/api-parts.ts'
import { issueCertificate } from '../../test/support/certificates.ts'
import { installForTest } from '../../test/support/config.ts'
import { TlsResolver } from '../../test/support/tls-rig.ts'
import type { RuntimeState } from '../runtime/state.ts'
import { createApi } from './api.ts'

const authority = issueCertificate({ commonName: 'CA', organization: 'Test', authority: true })
const soon = new Date(Date.now() + 3 * 24 * 3600_000)
const made = [
  issueCertificate({ commonName: 'one.local', organization: 'Org', names: ['one.local', '192.0.2.1'], issuer: authority, serial: 1001 }),
  issueCertificate({ commonName: '*.two.local', names: ['*.two.local'], issuer: authority, notAfter: new Date('2021-01-01') }),
  issueCertificate({ commonName: 'rsa.local', names: ['rsa.local'], keyType: 'rsa', notAfter: soon }),
]

function stateOf(): RuntimeState {
  const resolver = new TlsResolver()
  const pairs = made.map(({ certificate, key }) => `{certFile: ${JSON.stringify(certificate)}, keyFile: ${JSON.stringify(key)}}`)
  const { state } = resolver.resolve({ file: `tls: {certificates: [${pairs.join(', ')}]}` })
  resolver.close()
  return { ...state, install: installForTest('api: {}') }
}

const state = stateOf()
const api = createApi({
  ...apiParts(),
  state: () => state,
  version: '1',
  startDate: new Date(0),
  reload: async () => [],
  putRest: () => null,
})

async function ask(target: string): Promise<{ status: number; body: unknown; next: string | undefined; text: string }> {
  const [path = '', query = ''] = target.split('?')
  const answer = await api({
    target: 'api',
    method: 'GET',
    path,
    query,
    headers: [],
    host: '',
    remoteIp: '127.0.0.1',
    user: null,
    body: new Uint8Array(),
  })
  const text = String(answer.body)
  return { status: answer.status, body: JSON.parse(text), next: answer.headers.find(([name]) => name === 'X-Next-Page')?.[1], text }
}

async function names(query: string): Promise<unknown[]> {
  const { body } = await ask(`/api/certificates${query}`)
  assert.ok(Array.isArray(body))
  return body.map((each: { readonly commonName: unknown }) => each.commonName)
}

describe('/api/certificates', () => {
  it('lists what certificates say, and nothing of their keys', async () => {
    const { body, next, text } = await ask('/api/certificates?search=one.local')
    const info = [...state.certificates.values()].find((each) => each.names.includes('one.local'))
    assert.deepEqual(body, [
      {
        name: info?.name,
        sans: ['one.local', '192.0.2.1'],
        notAfter: '2049-12-31T23:59:59Z',
        notBefore: '2020-01-01T00:00:00Z',
        serialNumber: '1001',
        commonName: 'one.local',
        issuerOrg: 'Test',
        issuerCN: 'CA',
        organization: 'Org',
        version: 'v3',
        keyType: 'ECDSA',
        keySize: 256,
        signatureAlgorithm: 'ECDSA-SHA256',
        certFingerprint: info?.name,
        publicKeyFingerprint: info?.publicKeyFingerprint,
        status: 'enabled',
      },
    ])
    assert.equal(next, '1')
    assert.ok(!text.includes('PRIVATE'))
  })

  it('filters, sorts and pages', async () => {
    assert.deepEqual(await names(''), ['*.two.local', 'one.local', 'rsa.local'])
    assert.deepEqual(await names('?direction=desc'), ['rsa.local', 'one.local', '*.two.local'])
    assert.deepEqual(await names('?sortBy=validUntil'), ['*.two.local', 'rsa.local', 'one.local'])
    assert.deepEqual(await names('?sortBy=issuer'), ['*.two.local', 'one.local', 'rsa.local'])
    assert.deepEqual(await names('?sortBy=status'), ['one.local', '*.two.local', 'rsa.local'])
    assert.deepEqual(await names('?status=expired'), ['*.two.local'])
    assert.deepEqual(await names('?search=TWO'), ['*.two.local'])
    assert.deepEqual(await names('?per_page=2&page=2'), ['rsa.local'])
    assert.equal((await ask('/api/certificates?page=9')).status, 400)
  })

  it('shows one by its fingerprint', async () => {
    const [info] = state.certificates.values()
    const { status, body } = await ask(`/api/certificates/${info?.name}`)
    assert.equal(status, 200)
    assert.ok(typeof body === 'object' && body !== null && 'name' in body)
    assert.equal(body.name, info?.name)
    assert.deepEqual(await ask('/api/certificates/00').then((answer) => [answer.status, answer.body]), [
      404,
      { message: 'certificate not found: 00' },
    ])
  })

  it('is summed up in the overview', async () => {
    const { body } = await ask('/api/overview')
    assert.ok(typeof body === 'object' && body !== null && 'certificates' in body)
    assert.deepEqual(body.certificates, { total: 3, warnings: 1, errors: 1 })
  })
})
