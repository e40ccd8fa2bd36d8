/** Settings of an entry point's HTTP/2 connections, from its configuration. */
import type { EntryPointPlan } from '../../generation/plan.ts'
import { defaultHttp2Settings, headBytesSlack, type Http2ServerSettings } from '../http2/server-options.ts'

/** The settings that the plan decides. */
export function http2Settings(plan: EntryPointPlan): Http2ServerSettings {
  const { maxConcurrentStreams, maxDecoderHeaderTableSize, maxEncoderHeaderTableSize, extendedConnect } = plan.config.http2
  return {
    ...defaultHttp2Settings,
    headBytesMax: plan.config.http.maxHeaderBytes + headBytesSlack,
    streamsMax: maxConcurrentStreams === 0 ? defaultHttp2Settings.streamsMax : maxConcurrentStreams,
    decoderTableBytes: maxDecoderHeaderTableSize === 0 ? defaultHttp2Settings.decoderTableBytes : maxDecoderHeaderTableSize,
    encoderTableBytes: maxEncoderHeaderTableSize === 0 ? defaultHttp2Settings.encoderTableBytes : maxEncoderHeaderTableSize,
    extendedConnect,
  }
}
