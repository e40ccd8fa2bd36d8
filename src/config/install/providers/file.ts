import { type Static, bool, object, text } from '../../schema/kit.ts'

/** Options of the file provider. */
export const fileProvider = object('@@s:providers.file@@', {
  debugLogGeneratedTemplate: bool('@@s:providers.file.debugLogGeneratedTemplate@@'),
  directory: text('@@s:providers.file.directory@@'),
  filename: text('@@s:providers.file.filename@@'),
  watch: bool('@@s:providers.file.watch@@', { default: true }),
})

/** Decoded options of the file provider. */
export type FileProviderOptions = Static<typeof fileProvider>
