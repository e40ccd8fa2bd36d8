/** `tidegate demo`: the router with example services in the same process. */
import { demoAddresses, startDemo } from '../demo/demo.ts'
import { run } from './run.ts'

/** Runs the demo until it is asked to stop. */
export async function demo(args: readonly string[]): Promise<number> {
  const started = await startDemo(demoAddresses)
  try {
    return await run([...started.arguments, ...args], { onStarted: () => process.stdout.write(`${started.message}\n`) })
  } finally {
    started.close()
  }
}
