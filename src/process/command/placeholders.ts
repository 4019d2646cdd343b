/** Replaces `%ASPNETCORE_PORT%` and `%HTTP_PLATFORM_PORT%` in `arguments` or the value of an environment variable. */
export function fillPort(text: string, port: number): string {
  return text.replace(/%(?:ASPNETCORE_PORT|HTTP_PLATFORM_PORT)%/gi, String(port))
}
