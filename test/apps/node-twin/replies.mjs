/** A whole text answer with its length. */
export function answerText(res, text, { status = 200, headers = {} } = {}) {
  const body = Buffer.from(text)
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length, ...headers })
  res.end(body)
}

/** Writes one piece and waits until it may go on; false when the client has gone. */
export async function put(res, chunk) {
  if (res.destroyed) return false
  if (res.write(chunk)) return true
  await new Promise((resolve) => {
    const done = () => {
      res.off('drain', done).off('close', done)
      resolve()
    }
    res.once('drain', done).once('close', done)
  })
  return !res.destroyed
}

/** The whole request body. */
export async function readAll(req) {
  const chunks = []
  for await (const chunk of req) chunks.push(chunk)
  return Buffer.concat(chunks)
}
