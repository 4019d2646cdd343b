import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { atTheEnd } from './ending.ts'
import { freePort } from './free-port.ts'

/**
 * An app that runs without ancmd, with the environment that ancmd would give it. The overhead of ancmd is measured
 * against it. Life: from start(), which resolves when it listens, to end().
 */
export class DirectApp {
  readonly token = '00000000-1111-2222-3333-444444444444'
  readonly port: number
  readonly #child: ChildProcess

  /** Resolves when the app listens. `%PORT%` in a value of `environment` is replaced by the app's port. */
  static async start(
    program: string,
    args: readonly string[],
    folder: string,
    environment: Readonly<Record<string, string | undefined>> = {},
  ): Promise<DirectApp> {
    const app = new DirectApp(program, args, folder, environment, await freePort())
    atTheEnd(() => app.end())
    await app.#listening()
    return app
  }

  private constructor(
    program: string,
    args: readonly string[],
    folder: string,
    environment: Readonly<Record<string, string | undefined>>,
    port: number,
  ) {
    this.port = port
    const given = Object.entries(environment).map(([name, value]) => [name, value?.replace('%PORT%', String(port))])
    this.#child = spawn(program, args, {
      cwd: folder,
      stdio: 'ignore',
      env: {
        ...process.env,
        ASPNETCORE_PORT: String(port),
        ASPNETCORE_APPL_PATH: '/',
        ASPNETCORE_TOKEN: this.token,
        ASPNETCORE_IIS_HTTPAUTH: 'anonymous;',
        ASPNETCORE_IIS_WEBSOCKETS_SUPPORTED: 'true',
        ASPNETCORE_HOSTINGSTARTUPASSEMBLIES: 'Microsoft.AspNetCore.Server.IISIntegration',
        ...(Object.fromEntries(given) as Record<string, string | undefined>),
      },
    })
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await exited
  }

  /** Tries to connect every millisecond until the app accepts the connection. */
  async #listening(): Promise<void> {
    while (this.#child.exitCode === null) {
      const open = await new Promise<boolean>((resolve) => {
        const socket = connect(this.port, '127.0.0.1', () => {
          socket.destroy()
          resolve(true)
        })
        socket.once('error', () => {
          resolve(false)
        })
      })
      if (open) return
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    throw new Error('the app ended before it listened')
  }
}
