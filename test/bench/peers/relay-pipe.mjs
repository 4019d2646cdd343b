// The control in public Node: every byte passed on unread.
import { connect, createServer } from 'node:net'

createServer({ noDelay: true }, (client) => {
  const upstream = connect({ port: Number(process.env.BENCH_UP), host: '127.0.0.1', noDelay: true })
  client.pipe(upstream).pipe(client)
  client.on('error', () => upstream.destroy())
  upstream.on('error', () => client.destroy())
}).listen(Number(process.env.BENCH_PORT), '127.0.0.1', 4096)
