// Other servers' configurations: one worker, keep-alive on both sides, no access log, and the fields that ancmd adds. With
// `tls` (certificate.mjs) they listen for HTTP/1.1 and HTTP/2 over TLS, else for HTTP/1.1 without it.

const nginxTls = ({ certificate, key }) =>
  `ssl_certificate ${certificate}; ssl_certificate_key ${key}; ssl_protocols TLSv1.2 TLSv1.3;`

/** Compression of pages, by the fastest level, as the daemon's is set. */
export const nginxGzip = 'gzip on; gzip_comp_level 1; gzip_min_length 2700; gzip_proxied any; gzip_vary on;'

export const nginxConfiguration = ({ port, up, token, folder, tls }, more = '') => `
daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; client_max_body_size 0;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  upstream app { server 127.0.0.1:${up}; keepalive 256; keepalive_requests 1000000000; }
  proxy_http_version 1.1;
  proxy_request_buffering off;
  ${more}
  server {
    listen 127.0.0.1:${port} backlog=4096${tls === undefined ? '' : ' ssl http2'};
    ${tls === undefined ? '' : nginxTls(tls)}
    location / {
      proxy_pass http://app;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For "$proxy_add_x_forwarded_for:$remote_port";
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header MS-ASPNETCORE-TOKEN ${token};
    }
    location = /echo {
      proxy_pass http://app;
      proxy_set_header Connection "upgrade";
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For "$proxy_add_x_forwarded_for:$remote_port";
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header MS-ASPNETCORE-TOKEN ${token};
    }
  }
}
`

const haproxyTls = ({ both }) => ` ssl crt ${both} alpn h2,http/1.1 ssl-min-ver TLSv1.2`

export const haproxyConfiguration = ({ port, up, token, tls }) => `
global
  maxconn 8000
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout tunnel 600s
  option http-keep-alive
  http-reuse always
frontend front
  bind 127.0.0.1:${port}${tls === undefined ? '' : haproxyTls(tls)}
  http-request set-header MS-ASPNETCORE-TOKEN ${token}
  http-request add-header X-Forwarded-For %ci:%cp
  http-request set-header X-Forwarded-Proto ${tls === undefined ? 'http' : 'https'}
  default_backend back
backend back
  server app 127.0.0.1:${up} pool-max-conn 256
`

// Its X-Forwarded-For has no port, and it adds Host and proto by itself.
export const caddyConfiguration = ({ port, up, token, tls }) => `
{
  admin off
  auto_https off
  servers {
    protocols h1 h2
  }
}
${tls === undefined ? 'http' : 'https'}://:${port} {
  bind 127.0.0.1
  ${tls === undefined ? '' : `tls ${tls.certificate} ${tls.key}`}
  reverse_proxy 127.0.0.1:${up} {
    header_up MS-ASPNETCORE-TOKEN ${token}
    transport http {
      keepalive_idle_conns_per_host 256
    }
  }
}
`

/** The folder's web.config: the app runs on the core of the load, not on the daemon's. `sections` stand beside <aspNetCore>. */
export const webConfig = (command, sections = '') => `<configuration>
  <system.webServer>
    <handlers>
      <add name="aspNetCore" path="*" verb="*" modules="AspNetCoreModuleV2" resourceType="Unspecified" />
    </handlers>
    <aspNetCore processPath="${xml(command[0])}" arguments="${xml(command.slice(1).map(quoted).join(' '))}" />
    ${sections}
  </system.webServer>
</configuration>
`

const quoted = (argument) => (/\s/.test(argument) ? `"${argument}"` : argument)
const xml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
