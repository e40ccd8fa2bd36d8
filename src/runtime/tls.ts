/** Everything of TLS in a generation: option sets, certificates, and what all listeners have in common. */
import type { Ocsp } from '../config/install/general.ts'
import type { CertificatePlan, TlsCommonPlan, TlsOptionsPlan } from '../generation/plan.ts'
import { certificatePlan, resolveCertificates } from './certificates.ts'
import type { ReadFile } from './file-content.ts'
import type { Merged } from './merge.ts'
import type { CertificateInfo } from './state.ts'
import type { TlsMaterialSource } from './tls-material.ts'
import { resolveTlsOptions, type TlsOptionsResult } from './tls-options.ts'

/** The plans of TLS, and what is to be said of them. */
export interface TlsResult {
  readonly plans: {
    readonly tls: ReadonlyMap<string, TlsCommonPlan>
    readonly tlsOptions: ReadonlyMap<string, TlsOptionsPlan>
    readonly certificate: ReadonlyMap<string, CertificatePlan>
  }
  readonly options: ReadonlyMap<string, TlsOptionsResult>
  readonly certificates: ReadonlyMap<string, CertificateInfo>
  readonly warnings: readonly string[]
}

/** Resolves it. */
export function resolveTls(
  merged: Merged,
  ocsp: Ocsp | undefined,
  context: { readonly readFile: ReadFile; readonly tls: TlsMaterialSource },
): TlsResult {
  const { readFile, tls } = context
  const options = resolveTlsOptions(merged, readFile)
  const certificates = resolveCertificates(merged, {
    readFile,
    read: tls.readCertificate,
    nowMs: tls.nowMs,
    staple: (certificate) => (ocsp === undefined ? '' : tls.staple(certificate, ocsp.responderOverrides)),
  })
  const warnings: string[] = []
  const optionPlans = new Map<string, TlsOptionsPlan>()
  for (const [name, result] of options) {
    warnings.push(...result.warnings)
    if (result.error !== null) warnings.push(`${result.error}: routers with these options serve nobody`)
    if (result.plan !== null) optionPlans.set(name, result.plan)
  }
  warnings.push(...certificates.warnings)
  const certificatePlans = new Map(certificates.plans.map((plan) => [plan.id, plan]))
  let { defaults } = certificates
  if (defaults.length === 0) {
    const plan = certificatePlan(tls.selfSigned, -1, '')
    certificatePlans.set(plan.id, plan)
    defaults = [plan.id]
  }
  return {
    plans: {
      tls: new Map([['', { defaultCertificates: defaults, ticketSecret: tls.ticketSecret }]]),
      tlsOptions: optionPlans,
      certificate: certificatePlans,
    },
    options,
    certificates: certificates.infos,
    warnings,
  }
}
