/**
 * Tells systemd how the service is (sd_notify(3)): READY=1, STOPPING=1, and WATCHDOG=1 when the unit asks for it. Node has no Unix datagram
 * sockets, so `systemd-notify` says it for us.
 */
import { spawn } from 'node:child_process'

/** Says what happens to the service later on. */
export interface SystemdNotifier {
  stopping(): void
}

/** Reports readiness, and from then on feeds the watchdog at half its period. */
export function notifySystemd(env: Readonly<Record<string, string | undefined>>): SystemdNotifier {
  if ((env['NOTIFY_SOCKET'] ?? '') === '') return { stopping: () => {} }
  notify('READY=1')
  const periodUs = Number(env['WATCHDOG_USEC'] ?? 0)
  const forUs = env['WATCHDOG_PID'] === undefined || Number(env['WATCHDOG_PID']) === process.pid
  const timer = periodUs > 0 && forUs ? setInterval(() => notify('WATCHDOG=1'), periodUs / 2000) : undefined
  timer?.unref()
  return {
    stopping() {
      clearInterval(timer)
      notify('STOPPING=1')
    },
  }
}

function notify(state: string): void {
  const child = spawn('systemd-notify', [`--pid=${process.pid}`, state], { stdio: 'ignore' })
  // Without systemd-notify the unit's start times out, which says enough; the router goes on.
  child.on('error', () => {})
}
