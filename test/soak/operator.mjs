// What an operator, log rotation and an open status page do to the daemon while it serves.
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The files of a daemon with one site: an application that stays and writes its output to rotated logs, and one that
 * comes and goes with reloads. Nothing of it lies outside of `folder`.
 */
export class Deployment {
  token = 'soak-0123456789abcdef0123456789'
  #folder
  #ports
  #hasSecond = true

  constructor(folder, source, ports) {
    this.#folder = folder
    this.#ports = ports
    for (const name of ['first', 'second']) {
      cpSync(source, join(folder, name), { recursive: true })
      const file = join(folder, name, 'web.config')
      writeFileSync(file, readFileSync(file, 'utf8').replace('stdoutLogEnabled="false"', 'stdoutLogEnabled="true"'))
      mkdirSync(join(folder, name, 'logs'), { recursive: true })
    }
    mkdirSync(join(folder, 'access'))
    writeFileSync(join(folder, 'token'), `${this.token}\n`, { mode: 0o600 })
    this.#writeHostFile()
  }

  get args() {
    return [
      ...['--config', join(this.#folder, 'ancmd.config'), '--access-log', this.#accessLog],
      ...['--stdout-log-max-size', '1KB', '--stdout-log-max-files', '4', '--control', join(this.#folder, 'c.sock')],
    ]
  }

  get hasSecond() {
    return this.#hasSecond
  }

  get #accessLog() {
    return join(this.#folder, 'access/access.log')
  }

  /** As logrotate does, which keeps one; the daemon is to be sent SIGHUP then. */
  rotate() {
    renameSync(this.#accessLog, `${this.#accessLog}.1`)
  }

  /** The second application comes or goes; the daemon sees the file change by itself. */
  change() {
    this.#hasSecond = !this.#hasSecond
    this.#writeHostFile()
  }

  #writeHostFile() {
    const application = (path, name) =>
      `<application path="${path}"><virtualDirectory path="/" physicalPath="${join(this.#folder, name)}" /></application>`
    const file = join(this.#folder, 'ancmd.config')
    writeFileSync(
      `${file}.new`,
      `<configuration><system.applicationHost><sites><site name="soak" id="1">
        ${application('/', 'first')}${this.#hasSecond ? application('/second', 'second') : ''}
        <bindings><binding protocol="http" bindingInformation="127.0.0.1:${this.#ports.site}:" /></bindings>
      </site></sites></system.applicationHost>
      <ancmd><admin address="127.0.0.1:${this.#ports.admin}" tokenFile="token" /></ancmd></configuration>`,
    )
    renameSync(`${file}.new`, file)
  }
}

/** Asks as an open status page does, and as Prometheus; counts what was answered. */
export class Watcher {
  outcomes = new Map()
  #origin
  #token

  constructor(port, token) {
    this.#origin = `http://127.0.0.1:${port}`
    this.#token = token
  }

  /** @param second since the start */
  async look(second) {
    const paths = ['/api/status', ...(second % 5 === 0 ? ['/api/history', '/api/events'] : [])]
    if (second % 15 === 0) paths.push('/metrics', '/')
    await Promise.all(paths.map((path) => this.#ask(path)))
  }

  async #ask(path) {
    const headers = { authorization: `Bearer ${this.#token}` }
    const outcome = await fetch(this.#origin + path, { headers, signal: AbortSignal.timeout(20_000) }).then(
      async (answer) => {
        await answer.arrayBuffer()
        return answer.ok ? 'ok' : String(answer.status)
      },
      ({ name, cause }) => cause?.code ?? name,
    )
    const key = `page ${path}: ${outcome}`
    this.outcomes.set(key, (this.outcomes.get(key) ?? 0) + 1)
  }
}
