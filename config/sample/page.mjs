// The one page of the sample. Everything it needs is in it: no other file, no other host.

const added = [/^x-forwarded-(for|proto)$/i, /^ms-aspnetcore-token$/i]

/** Facts of one request → HTML. */
export function page({ base, headers, requests, pid, port, seconds, node }) {
  const fromFront = headers.filter(([name]) => added.some((form) => form.test(name)))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>ancmd sample: process ${pid}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>It works.</h1>
<p>The daemon started a process with your first request and sends every request on to it.</p>
</header>
<main>
<section aria-labelledby="who">
<h2 id="who">Who answered</h2>
<dl>
<div><dt>Process</dt><dd>${pid}</dd></div>
<div><dt>Listens on port</dt><dd>${port}</dd></div>
<div><dt>Age</dt><dd>${age(seconds)}</dd></div>
<div><dt>Requests so far</dt><dd>${requests}</dd></div>
<div><dt>Runs on</dt><dd>Node ${escaped(node)}</dd></div>
</dl>
<p class="hint">Load the page again: the same process, one request more.</p>
</section>
<section aria-labelledby="try">
<h2 id="try">Things to try</h2>
<ul class="tries">
<li><a class="button" href="${escaped(base)}/crash" id="crash">Crash the process</a>
<span>It ends at once. The next request starts a new one: look at the process number.</span></li>
<li><button type="button" id="stream">Read a slow stream</button>
<span>Ten server-sent events, each passed on as soon as it comes.</span></li>
<li><form id="echo"><label for="words">Say something over a WebSocket</label>
<span class="line"><input id="words" value="hello" autocomplete="off"><button>Send</button></span></form></li>
</ul>
<pre id="said" role="log" aria-live="polite" aria-label="What came back" tabindex="0">Nothing yet.</pre>
</section>
<section aria-labelledby="added">
<h2 id="added">What the front added</h2>
${table(fromFront)}
<p class="hint">The token proves to the app that the request came through its front. Requests straight to port ${port} are
answered with 400.</p>
</section>
<section aria-labelledby="received">
<h2 id="received">The request as the app received it</h2>
${table(headers)}
</section>
</main>
<script>${script(base)}</script>
</body>
</html>
`
}

function table(rows) {
  const lines = rows.map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`)
  return `<div class="scroll"><table><thead><tr><th scope="col">Field</th><th scope="col">Value</th></tr></thead><tbody>
${lines.join('\n')}
</tbody></table></div>`
}

function age(seconds) {
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

const style = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5a6472; --line: #d5dae1; --paper: #fff; --ground: #f4f6f8; --accent: #0b57a4; --on: #fff }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #a5afbd; --line: #38414d; --paper: #1b2028; --ground: #12161c; --accent: #7db7f5; --on: #10151b } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 54rem; padding: 2rem 1rem 4rem; font: 1rem/1.55 system-ui, sans-serif; color: var(--ink); background: var(--ground) }
h1 { font-size: 2rem; margin: 0 } h2 { font-size: 1.15rem; margin: 0 0 .75rem }
header p, .hint, .tries span { color: var(--soft) } .hint { margin: .75rem 0 0; font-size: .9rem }
section { background: var(--paper); border: 1px solid var(--line); border-radius: .5rem; padding: 1.25rem; margin-top: 1.25rem }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 0 }
dt { font-size: .85rem; color: var(--soft) } dd { margin: 0; font-size: 1.2rem; font-variant-numeric: tabular-nums }
ul { list-style: none; padding: 0; margin: 0; display: grid; gap: 1rem } label { display: block; margin-bottom: .35rem }
.tries li { display: flex; flex-wrap: wrap; gap: .35rem 1rem; align-items: center } .line { display: flex; gap: .5rem }
button, .button { font: inherit; color: var(--on); background: var(--accent); border: 0; border-radius: .35rem; padding: .45rem .9rem; text-decoration: none; cursor: pointer }
input { font: inherit; color: inherit; background: transparent; border: 1px solid var(--soft); border-radius: .35rem; padding: .4rem .6rem; min-width: 0 }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
pre { margin: 1rem 0 0; padding: .75rem; border: 1px solid var(--line); border-radius: .35rem; min-height: 3rem; max-height: 15rem; overflow: auto; white-space: pre-wrap }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line) }
td { font-family: ui-monospace, monospace; overflow-wrap: anywhere } th[scope=row] { white-space: nowrap; font-weight: 600 }
`

const script = (base) => `
const base = ${JSON.stringify(base).replaceAll('<', '\\u003c')}
const log = document.getElementById('said')
let first = true
const say = (text) => { log.textContent = first ? text : log.textContent + '\\n' + text; first = false; log.scrollTop = log.scrollHeight }
document.getElementById('crash').addEventListener('click', async (event) => {
  event.preventDefault()
  const answer = await fetch(base + '/crash')
  say('answer ' + answer.status + ': ' + (await answer.text()).trim() + ' Loading the page again …')
  setTimeout(() => location.reload(), 700)
})
document.getElementById('stream').addEventListener('click', () => {
  const events = new EventSource(base + '/stream')
  events.onmessage = ({ data }) => say(new Date().toLocaleTimeString() + '  ' + data)
  events.addEventListener('end', ({ data }) => { say(data); events.close() })
  events.onerror = () => { say('the stream was cut'); events.close() }
})
let socket
document.getElementById('echo').addEventListener('submit', (event) => {
  event.preventDefault()
  const text = document.getElementById('words').value
  if (socket?.readyState === WebSocket.OPEN) return socket.send(text)
  socket = new WebSocket(location.origin.replace('http', 'ws') + base + '/echo')
  socket.onopen = () => socket.send(text)
  socket.onmessage = ({ data }) => say('echo: ' + data)
  socket.onclose = ({ code, reason }) => say('closed: ' + code + ' ' + reason)
})
`
