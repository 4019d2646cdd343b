/** The types that IIS knows without being told, as far as a web application has such files. */
const ofIis = `
text/html htm html hxt
text/css css
text/plain txt
text/xml xml disco dtd wsdl xsd xsl xslt xsf mno vml
text/csv csv
text/calendar ics
text/cache-manifest appcache
text/vtt vtt
text/x-component htc
text/vcard vcf
text/markdown md
application/javascript js
application/json json
application/manifest+json webmanifest
application/atom+xml atom
application/rss+xml rss
application/xhtml+xml xht xhtml
application/xaml+xml xaml
application/pdf pdf
application/rtf rtf
application/zip zip
application/gzip gz
application/x-tar tar
application/x-7z-compressed 7z
application/postscript ai eps ps
application/msword doc dot
application/vnd.ms-excel xls xlt
application/vnd.ms-powerpoint ppt pot pps
application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
application/vnd.oasis.opendocument.text odt
application/vnd.oasis.opendocument.spreadsheet ods
application/vnd.ms-fontobject eot
application/vnd.rn-realmedia rm
application/x-shockwave-flash swf
application/octet-stream bin cab iso msi msp msu psd rar sea
application/font-sfnt otf ttf
application/font-woff woff
font/woff2 woff2
image/bmp bmp dib
image/gif gif
image/jpeg jpe jpeg jpg jfif
image/png png pnz
image/svg+xml svg svgz
image/tiff tif tiff
image/x-icon ico
audio/aac aac
audio/mpeg mp3 m3u
audio/mp4 m4a
audio/ogg oga ogg
audio/wav wav
audio/mid mid midi rmi
audio/x-aiff aif aifc aiff
video/mp4 mp4 mp4v m4v
video/mpeg mpe mpeg mpg mp2 mpa m1v
video/ogg ogv
video/quicktime mov qt
video/webm webm
video/3gpp 3gp 3gpp
video/x-msvideo avi
video/x-ms-wmv wmv
video/vnd.dlna.mpeg-tts ts tts
`

/** Types of files that today's build tools write, and that IIS may have to be told. */
const newer = `
text/javascript mjs
application/wasm wasm
application/json map
application/geo+json geojson
application/vnd.apple.mpegurl m3u8
application/yaml yaml yml
font/collection ttc
image/avif avif
image/webp webp
image/apng apng
model/gltf-binary glb
model/gltf+json gltf
`

/** The types of IIS's own list, by extensions in lower case with their dots. */
export const defaultMediaTypes: ReadonlyMap<string, string> = read(ofIis)

/** Types that hold where the configuration says nothing of an extension. */
export const newerMediaTypes: ReadonlyMap<string, string> = read(newer)

function read(table: string): ReadonlyMap<string, string> {
  return new Map(
    table
      .trim()
      .split('\n')
      .flatMap((line) => {
        const [type = '', ...extensions] = line.split(' ')
        return extensions.map((extension) => [`.${extension}`, type] as const)
      }),
  )
}
