/** Puts the port where `arguments` or an environment value asks for it: `%ASPNETCORE_PORT%`, `%HTTP_PLATFORM_PORT%`. */
export function fillPort(text: string, port: number): string {
  return text.replace(/%(?:ASPNETCORE_PORT|HTTP_PLATFORM_PORT)%/gi, String(port))
}
