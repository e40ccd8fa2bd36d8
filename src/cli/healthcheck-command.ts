/** `tidegate healthcheck` with the configuration of the command line. */
import { healthcheck, sendHeadOverHttp } from './healthcheck.ts'
import { loadFrom } from './install-source.ts'

/** Asks the router that the same arguments describe; 0 when it is well. */
export async function healthcheckCommand(args: readonly string[]): Promise<number> {
  try {
    const { exitCode, text } = await healthcheck(loadFrom(args).install, sendHeadOverHttp)
    process.stdout.write(`${text}\n`)
    return exitCode
  } catch (cause) {
    process.stdout.write(`Error calling healthcheck: ${cause instanceof Error ? cause.message : String(cause)}\n`)
    return 1
  }
}
