import { tmpdir } from 'node:os'
import type { Check, Finding } from './finding.ts'
import { asRoot, type Machine } from './machine.ts'
import { obstacleTo, type User } from './user.ts'

/** Whether the app's user has a home folder for ASP.NET Core's keys, and a folder for temporary files. */
export function checkHome(
  user: User,
  environment: Readonly<Record<string, string | undefined>>,
  machine: Machine,
): Check {
  const findings: Finding[] = []
  const consequence =
    'ASP.NET Core then keeps its data-protection keys in memory, and every restart of the app signs all users out.'
  const home = user.home ?? ''
  if (home === '') {
    findings.push({
      level: 'warning',
      text: `HOME is not set. ${consequence}`,
      cure: 'Set HOME to a folder that the app may write to.',
    })
  } else {
    const obstacle = obstacleTo(home, 'write', user)
    if (obstacle !== undefined) {
      const command = asRoot(machine, `install -d -o ${user.name} -m 0700 ${home}`)
      findings.push({
        level: 'warning',
        text: `HOME cannot be written: ${obstacle}. ${consequence}`,
        cure: 'Make the folder:',
        command,
      })
    }
  }
  const temporary = environment['TMPDIR'] ?? tmpdir()
  const obstacle = obstacleTo(temporary, 'write', user)
  if (obstacle !== undefined) {
    const text = `The folder for temporary files cannot be written: ${obstacle}. .NET needs it for single-file apps, uploads and diagnostics.`
    findings.push({ level: 'warning', text, cure: 'Set TMPDIR to a folder that the app may write to.' })
  }
  return { subject: 'home', seen: `${user.name}, HOME=${home}`, findings }
}
