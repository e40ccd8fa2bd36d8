import { type Static, bool, duration, int, object, optional, text, textList } from '../schema/kit.ts'

/** A certificate resolver: where certificates are fetched from. */
export const certificatesResolver = object('A certificate resolver: ACME or Tailscale.', {
  acme: optional(
    object("Certificates by ACME, such as from Let's Encrypt.", {
      caCertificates: textList('Certificate authorities of the ACME server: files.', { masked: true }),
      caServer: text('Directory URL of the ACME server.', { default: 'https://acme-v02.api.letsencrypt.org/directory', masked: true }),
      caServerName: text('Name that the certificate of the ACME server must fit.'),
      caSystemCertPool: bool("Whether the system's certificate authorities count too."),
      certificatesDuration: int('Hours that certificates are valid, which decides when they are renewed.', { default: 2160 }),
      certificateTimeout: duration('How long an order may take to be issued.', { default: '30s' }),
      clientResponseHeaderTimeout: duration('How long the head of an answer of the ACME server may take.', { default: '30s' }),
      clientTimeout: duration('How long a whole answer of the ACME server may take.', { default: '120s' }),
      disableCommonName: bool('Whether requests for certificates have no common name.'),
      dnsChallenge: optional(
        object(
          'Proves control of domains by DNS records.',
          {
            delayBeforeCheck: duration('Pause before the record is checked.', { deprecated: 'use propagation.delayBeforeChecks' }),
            disablePropagationCheck: bool('Whether the record is not checked.', { deprecated: 'use propagation.disableChecks' }),
            propagation: optional(
              object(
                'How the record is checked before the ACME server looks at it.',
                {
                  delayBeforeChecks: duration('Pause before the first check.'),
                  disableANSChecks: bool('Whether authoritative name servers are not asked.'),
                  disableChecks: bool('Whether there are no checks.'),
                  requireAllRNS: bool('Whether all recursive name servers must have the record.'),
                },
                { allowEmpty: true },
              ),
            ),
            provider: text('Name of the DNS provider.'),
            resolvers: textList('Name servers that are asked.', { masked: true }),
          },
          { allowEmpty: true },
        ),
      ),
      eab: optional(
        object(
          'Binding to an account that exists already.',
          {
            hmacEncoded: text('Key of the binding, in base64url.', { secret: true, masked: true }),
            kid: text('Identifier of the key.', { secret: true, masked: true }),
          },
          { masked: true },
        ),
      ),
      email: text('Contact address of the account.', { masked: true }),
      emailAddresses: textList('Contact addresses for certificates.', { masked: true }),
      httpChallenge: optional(
        object(
          'Proves control of domains by HTTP.',
          {
            delay: duration('Pause between answering the challenge and saying so.'),
            entryPoint: text('Name of the entry point on port 80.'),
          },
          { allowEmpty: true },
        ),
      ),
      keyType: text('Kind of the keys.', { default: 'RSA4096', values: ['EC256', 'EC384', 'RSA2048', 'RSA4096', 'RSA8192'] }),
      preferredChain: text('Common name in the chain of certificates that is preferred.'),
      profile: text('Profile of certificates that is asked for.'),
      storage: text('File that account and certificates are kept in.', { default: 'acme.json' }),
      tlsChallenge: optional(
        object(
          'Proves control of domains in the TLS handshake.',
          {
            delay: duration('Pause between answering the challenge and saying so.'),
          },
          { allowEmpty: true },
        ),
      ),
    }),
  ),
  tailscale: optional(object('Certificates from the Tailscale daemon.', {}, { allowEmpty: true })),
})

/** A decoded certificate resolver. */
export type CertificatesResolver = Static<typeof certificatesResolver>
