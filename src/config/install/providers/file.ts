import { type Static, bool, object, text } from '../../schema/kit.ts'

/** Options of the file provider. */
export const fileProvider = object('Routing configuration from files.', {
  debugLogGeneratedTemplate: bool('Whether what templates give is logged at level DEBUG.'),
  directory: text('Folder whose files are read, sub-folders included.'),
  filename: text('File that is read.'),
  watch: bool('Whether changes are followed.', { default: true }),
})

/** Decoded options of the file provider. */
export type FileProviderOptions = Static<typeof fileProvider>
