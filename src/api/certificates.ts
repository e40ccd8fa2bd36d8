/** Certificates as the API lists them. */
import type { CertificateInfo, RuntimeState } from '../runtime/state.ts'
import type { Shown } from './objects.ts'

/** A certificate with its details. Without private parts: the API never had the key. */
export function showCertificate(info: CertificateInfo): Shown {
  const { x509, facts } = info
  return {
    name: info.name,
    sans: [...facts.dnsNames, ...facts.ipAddresses],
    notAfter: x509.validToDate.toISOString().replace('.000Z', 'Z'),
    notBefore: x509.validFromDate.toISOString().replace('.000Z', 'Z'),
    serialNumber: String(facts.serialNumber),
    ...given('commonName', facts.subject.commonName.at(-1)),
    ...given('issuerOrg', facts.issuer.organization[0]),
    ...given('issuerCN', facts.issuer.commonName.at(-1)),
    ...given('issuerCountry', facts.issuer.country[0]),
    ...given('organization', facts.subject.organization[0]),
    ...given('country', facts.subject.country[0]),
    version: `v${facts.version}`,
    keyType: info.keyType,
    ...(info.keySize === 0 ? {} : { keySize: info.keySize }),
    signatureAlgorithm: info.signatureAlgorithm,
    certFingerprint: info.name,
    publicKeyFingerprint: info.publicKeyFingerprint,
    status: info.status,
  }
}

function given(key: string, value: string | undefined): Shown {
  return value === undefined || value === '' ? {} : { [key]: value }
}

/** Those that `search` and `status` ask for, in the order of `sortBy` and `direction`; by common name when nothing is said. */
export function listCertificates(state: RuntimeState, query: URLSearchParams): CertificateInfo[] {
  const search = (query.get('search') ?? '').toLowerCase()
  const status = (query.get('status') ?? '').toLowerCase()
  const found = [...state.certificates.values()].filter(
    (info) =>
      (status === '' || info.status === status) &&
      (search === '' || info.names.some((name) => name.includes(search)) || info.name.includes(search)),
  )
  const direction = query.get('direction') ?? ''
  const sign = direction === '' || direction === 'asc' ? 1 : -1
  const keyOf = sortKeys[query.get('sortBy') ?? ''] ?? commonNameOf
  return found.sort((a, b) => sign * (compare(keyOf(a), keyOf(b)) || compare(commonNameOf(a), commonNameOf(b)) || compare(a.name, b.name)))
}

type KeyOf = (info: CertificateInfo) => string | number

const commonNameOf: KeyOf = (info) => info.facts.subject.commonName.at(-1) ?? info.names[0] ?? ''

const sortKeys: Readonly<Record<string, KeyOf>> = {
  name: commonNameOf,
  cn: commonNameOf,
  status: (info) => info.status,
  issuer: (info) => info.facts.issuer.organization[0] ?? info.facts.issuer.commonName.at(-1) ?? '',
  validUntil: (info) => info.x509.validToDate.getTime(),
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0
}
