// Sections of web.config that a daemon is measured with, each beside <aspNetCore>.

/** The headers that guides to secure sites recommend, and a few more: ten fields, 500 bytes. */
const headers = {
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'Content-Security-Policy':
    "default-src 'self'; img-src 'self' data: https://images.example.org; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-site',
  'X-Permitted-Cross-Domain-Policies': 'none',
  'X-XSS-Protection': '0',
}

/** A section of web.config that adds ten fields to every response. */
export const tenHeaders = `<httpProtocol><customHeaders>${Object.entries(headers)
  .map(([name, value]) => `<add name="${name}" value="${value}" />`)
  .join('')}</customHeaders></httpProtocol>`

/** Twenty rules as large sites have them; no request of the benchmark is changed by them, and each is tried on every one. */
export const twentyRules = `<rewrite><rules>${Array.from({ length: 20 }, (_, i) => rule(i)).join('')}</rules></rewrite>`

function rule(i) {
  const conditions = '<conditions><add input="{QUERY_STRING}" pattern="(^|&amp;)old=([0-9]+)" /></conditions>'
  return (
    `<rule name="moved ${i}"><match url="^catalogue-${i}/([0-9]+)(?:/([a-z0-9-]+))?/?$" />` +
    `${i % 2 === 0 ? conditions : ''}<action type="Rewrite" url="shop?id={R:1}&amp;name={R:2}" /></rule>`
  )
}

/** gzip alone, by its fastest level. */
export const dynamicCompression =
  '<urlCompression doDynamicCompression="true" />' +
  '<httpCompression><scheme name="gzip" dynamicCompressionLevel="1" /></httpCompression>'
