/** Entry of a helper thread: checks one password after the other. */
import { parentPort } from 'node:worker_threads'
import { verifyPassword } from './verify.ts'

parentPort?.on('message', (job: { readonly password: string; readonly hash: string }) => {
  parentPort?.postMessage(verifyPassword(job.password, job.hash))
})
