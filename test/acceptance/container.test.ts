import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { top } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import { hasProgram } from '../support/programs.ts'

const recipe = readFileSync(join(top, 'config/container/Containerfile'), 'utf8')

/** The words of an instruction that is written as a JSON array. */
function words(instruction: string): readonly string[] {
  const [, list = '[]'] = new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(recipe) ?? []
  return JSON.parse(list) as string[]
}

/** The source and the place of each COPY. */
const copies = Array.from(recipe.matchAll(/^COPY (\S+) (\S+)$/gm), ([, from = '', to = '']) => [from, to] as const)

/**
 * Prepares what the recipe copies in /usr/lib and /srv of a mount namespace, makes everything else read-only, and runs
 * the script as the user of the image.
 */
function inContainer(script: string): ReturnType<typeof spawnSync> {
  const setUp = [
    'set -e',
    'mount --make-rprivate /',
    'mkdir -p "$STAGE"',
    'mount -t tmpfs tmpfs "$STAGE"',
    'mkdir -p "$STAGE/ancmd" "$STAGE/home"',
    ...copies.map(([from, to]) => `cp -r '${join(top, from)}' "$STAGE/${to.replace('/usr/lib/', '')}"`),
    `cp -r '${join(top, 'config/sample')}' "$STAGE/www"`,
    'chmod -R a+rX "$STAGE"; chown 10001:10001 "$STAGE/home"',
    'mount -t tmpfs tmpfs /srv && mkdir /srv/www && mount --bind "$STAGE/www" /srv/www',
    'mount -o remount,bind,ro /',
    `exec setpriv --reuid=10001 --regid=10001 --clear-groups --inh-caps=-all --no-new-privs sh -c '${script}'`,
  ].join('\n')
  return spawnSync('unshare', ['--mount', '--pid', '--fork', '--mount-proc', 'sh', '-c', setUp], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, STAGE: '/mnt' },
  })
}

const isRoot = process.getuid?.() === 0
const runs = isRoot && hasProgram('tini') && spawnSync('unshare', ['--mount', '--pid', '--fork', 'true']).status === 0

describe('the container recipe', () => {
  test('copies what is there, and runs without root', () => {
    expect(copies.length).toBeGreaterThan(2)
    expect(copies.filter(([from]) => !existsSync(join(top, from)))).toEqual([])
    expect(recipe).toMatch(/^USER [1-9]\d*$/m)
  })

  test.skipIf(!runs)(
    'its command line serves on a read-only file system, is healthy, and leaves no zombie',
    async () => {
      const port = String(await freePort())
      const staged = (list: readonly string[]): string =>
        list.map((word) => word.replace('/usr/lib/', '/mnt/').replace('8080', port)).join(' ')
      const command = `${staged(words('ENTRYPOINT'))} ${staged(words('CMD'))}`
      const health = staged(words(String.raw`HEALTHCHECK .* CMD`))
      const script = [
        'touch /forbidden 2>/dev/null && echo writable',
        `HOME=/mnt/home ${command} 2>/mnt/home/log &`,
        `daemon=$!`,
        `for i in $(seq 100); do ${health} && break; sleep 0.1; done`,
        `${health}; echo health $?`,
        `kill -TERM $daemon; wait $daemon; echo ended $?`,
        `${health}; echo health $?`,
        'ps -o stat= -e | grep -c Z',
      ].join('\n')
      const { stdout, stderr } = inContainer(script)
      expect(String(stdout), String(stderr)).toBe('health 0\nended 0\nhealth 1\n0\n')
    },
  )
})
