/** Settings of an entry point's HTTP/2 connections, from its configuration. */
import type { EntryPoint } from '../../config/install/entry-points.ts'
import type { EntryPointPlan } from '../../generation/plan.ts'
import { buildIpSet } from '../http/ip-strategy.ts'
import { AbuseLedger } from '../http2/abuse-ledger.ts'
import { abusiveConnections as allowanceOf } from '../http2/limits.ts'
import { defaultHttp2Settings, headBytesSlack, type Http2ServerSettings } from '../http2/server-options.ts'

/** The settings that the plan decides; what is remembered of addresses stays as long as its limit does. */
export function http2Settings(plan: EntryPointPlan, before: AbuseLedger | null = null): Http2ServerSettings {
  const { maxConcurrentStreams, maxDecoderHeaderTableSize, maxEncoderHeaderTableSize, extendedConnect } = plan.config.http2
  return {
    ...defaultHttp2Settings,
    headBytesMax: plan.config.http.maxHeaderBytes + headBytesSlack,
    streamsMax: maxConcurrentStreams === 0 ? defaultHttp2Settings.streamsMax : maxConcurrentStreams,
    decoderTableBytes: maxDecoderHeaderTableSize === 0 ? defaultHttp2Settings.decoderTableBytes : maxDecoderHeaderTableSize,
    encoderTableBytes: maxEncoderHeaderTableSize === 0 ? defaultHttp2Settings.encoderTableBytes : maxEncoderHeaderTableSize,
    extendedConnect,
    ledger: ledgerOf(plan.config, before),
    forwarders: buildIpSet([...plan.config.forwardedHeaders.trustedIPs, ...(plan.config.proxyProtocol?.trustedIPs ?? [])]),
  }
}

/** Nobody is sent away where everyone may speak for others, or where an address is whatever a client says. */
function ledgerOf({ http2, forwardedHeaders, proxyProtocol }: EntryPoint, before: AbuseLedger | null): AbuseLedger | null {
  const burst = http2.abusiveConnections
  if (burst === 0 || forwardedHeaders.insecure || proxyProtocol?.insecure === true) return null
  return before?.size.burst === burst ? before : new AbuseLedger(allowanceOf(burst))
}
