import { type Static, bool, duration, int, object, optional, text, textList } from '../schema/kit.ts'

/** A certificate resolver: where certificates are fetched from. */
export const certificatesResolver = object('@@s:certificatesResolvers.<name>@@', {
  acme: optional(object('@@s:certificatesResolvers.<name>.acme@@', {
    caCertificates: textList('@@s:certificatesResolvers.<name>.acme.caCertificates@@', { masked: true }),
    caServer: text('@@s:certificatesResolvers.<name>.acme.caServer@@', { default: 'https://acme-v02.api.letsencrypt.org/directory', masked: true }),
    caServerName: text('@@s:certificatesResolvers.<name>.acme.caServerName@@'),
    caSystemCertPool: bool('@@s:certificatesResolvers.<name>.acme.caSystemCertPool@@'),
    certificatesDuration: int('@@s:certificatesResolvers.<name>.acme.certificatesDuration@@', { default: 2160 }),
    certificateTimeout: duration('@@s:certificatesResolvers.<name>.acme.certificateTimeout@@', { default: '30s' }),
    clientResponseHeaderTimeout: duration('@@s:certificatesResolvers.<name>.acme.clientResponseHeaderTimeout@@', { default: '30s' }),
    clientTimeout: duration('@@s:certificatesResolvers.<name>.acme.clientTimeout@@', { default: '120s' }),
    disableCommonName: bool('@@s:certificatesResolvers.<name>.acme.disableCommonName@@'),
    dnsChallenge: optional(object('@@s:certificatesResolvers.<name>.acme.dnsChallenge@@', {
      delayBeforeCheck: duration('@@s:certificatesResolvers.<name>.acme.dnsChallenge.delayBeforeCheck@@', { deprecated: 'please use Propagation.DelayBeforeChecks instead' }),
      disablePropagationCheck: bool('@@s:certificatesResolvers.<name>.acme.dnsChallenge.disablePropagationCheck@@', { deprecated: 'please use Propagation.DisableChecks instead' }),
      propagation: optional(object('@@s:certificatesResolvers.<name>.acme.dnsChallenge.propagation@@', {
        delayBeforeChecks: duration('@@s:certificatesResolvers.<name>.acme.dnsChallenge.propagation.delayBeforeChecks@@'),
        disableANSChecks: bool('@@s:certificatesResolvers.<name>.acme.dnsChallenge.propagation.disableANSChecks@@'),
        disableChecks: bool('@@s:certificatesResolvers.<name>.acme.dnsChallenge.propagation.disableChecks@@'),
        requireAllRNS: bool('@@s:certificatesResolvers.<name>.acme.dnsChallenge.propagation.requireAllRNS@@'),
      }, { allowEmpty: true })),
      provider: text('@@s:certificatesResolvers.<name>.acme.dnsChallenge.provider@@'),
      resolvers: textList('@@s:certificatesResolvers.<name>.acme.dnsChallenge.resolvers@@', { masked: true }),
    }, { allowEmpty: true })),
    eab: optional(object('@@s:certificatesResolvers.<name>.acme.eab@@', {
      hmacEncoded: text('@@s:certificatesResolvers.<name>.acme.eab.hmacEncoded@@', { secret: true, masked: true }),
      kid: text('@@s:certificatesResolvers.<name>.acme.eab.kid@@', { secret: true, masked: true }),
    }, { masked: true })),
    email: text('@@s:certificatesResolvers.<name>.acme.email@@', { masked: true }),
    emailAddresses: textList('@@s:certificatesResolvers.<name>.acme.emailAddresses@@', { masked: true }),
    httpChallenge: optional(object('@@s:certificatesResolvers.<name>.acme.httpChallenge@@', {
      delay: duration('@@s:certificatesResolvers.<name>.acme.httpChallenge.delay@@'),
      entryPoint: text('@@s:certificatesResolvers.<name>.acme.httpChallenge.entryPoint@@'),
    }, { allowEmpty: true })),
    keyType: text('@@s:certificatesResolvers.<name>.acme.keyType@@', { default: 'RSA4096', values: ['EC256', 'EC384', 'RSA2048', 'RSA4096', 'RSA8192'] }),
    preferredChain: text('@@s:certificatesResolvers.<name>.acme.preferredChain@@'),
    profile: text('@@s:certificatesResolvers.<name>.acme.profile@@'),
    storage: text('@@s:certificatesResolvers.<name>.acme.storage@@', { default: 'acme.json' }),
    tlsChallenge: optional(object('@@s:certificatesResolvers.<name>.acme.tlsChallenge@@', {
      delay: duration('@@s:certificatesResolvers.<name>.acme.tlsChallenge.delay@@'),
    }, { allowEmpty: true })),
  })),
  tailscale: optional(object('@@s:certificatesResolvers.<name>.tailscale@@', {}, { allowEmpty: true })),
})

/** A decoded certificate resolver. */
export type CertificatesResolver = Static<typeof certificatesResolver>
