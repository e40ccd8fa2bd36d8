/** Routing configuration from a file, or from all files of a folder. */
import type { FileProviderOptions } from '../../config/install/providers/file.ts'
import { FileWatch } from '../../std/file-watch.ts'
import { defineProvider, type Provider, type ProviderContext } from '../provider.ts'
import { readRoutingFiles } from './read-files.ts'

/** The file provider. */
export const file = defineProvider<FileProviderOptions>({
  key: 'file',
  name: 'file',
  title: 'File',
  create(options, context) {
    if (options.directory === '' && options.filename === '') throw new Error('providers.file: neither filename nor directory is given')
    return new FileProvider(options, context)
  },
})

class FileProvider implements Provider {
  readonly #options: FileProviderOptions
  readonly #context: ProviderContext
  readonly #watch: FileWatch | null

  constructor(options: FileProviderOptions, context: ProviderContext) {
    this.#options = options
    this.#context = context
    const paths = [options.directory === '' ? options.filename : options.directory]
    // Watched before it is read, so that no change falls in between.
    this.#watch = options.watch ? new FileWatch({ paths, clock: context.clock, onChange: () => this.reload() }) : null
    this.reload()
  }

  reload(): void {
    const { logger, env } = this.#context
    const onRendered = this.#options.debugLogGeneratedTemplate
      ? (path: string, content: string): void => logger.debug('rendered routing file', { file: path, content })
      : undefined
    const { snapshot, problems } = readRoutingFiles(this.#options, env, onRendered)
    this.#context.report(problems)
    if (snapshot !== null) this.#context.publish(snapshot)
  }

  close(): void {
    this.#watch?.close()
  }
}
