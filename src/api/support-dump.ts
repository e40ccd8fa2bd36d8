/**
 * An archive for whoever is asked for help: version, install configuration and the state of all objects. Secrets are masked, and in the install
 * configuration what tells about the user's network too.
 */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { installConfiguration } from '../config/install/install.ts'
import { stringifyJson, toAnonymous } from '../config/schema/encode.ts'
import type { ControlResponse } from '../generation/messages.ts'
import type { RuntimeState } from '../runtime/state.ts'
import type { Shown } from './objects.ts'
import { tarOf } from './tar.ts'

/** What a dump is made of. */
export interface DumpContext {
  readonly version: string
  readonly codename: string
  readonly startDate: Date
  readonly nowMs: number
  /** The state as `/api/rawdata` shows it. */
  readonly rawData: Shown
}

/** Makes the archive. */
export async function supportDump(state: RuntimeState, context: DumpContext): Promise<ControlResponse> {
  const { version, codename, startDate, nowMs, rawData } = context
  const files: readonly (readonly [string, unknown])[] = [
    ['version.json', { version, codename, startDate: startDate.toISOString() }],
    ['static-config.json', toAnonymous(installConfiguration, state.install)],
    ['runtime-config.json', rawData],
  ]
  const archive = tarOf(
    files.map(([name, content]) => ({ name, content: Buffer.from(stringifyJson(content)) })),
    nowMs,
  )
  return {
    status: 200,
    headers: [
      ['Content-Disposition', 'attachment; filename=support-dump.tar.gz'],
      ['Content-Type', 'application/gzip'],
    ],
    body: await promisify(gzip)(archive),
  }
}
