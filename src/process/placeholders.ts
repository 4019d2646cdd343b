/** Puts the port where `arguments` or an environment value asks for it: `%ASPNETCORE_PORT%`, `%HTTP_PLATFORM_PORT%`. */
export function fillPort(text: string, port: number): string {
  return text.replace(/%(?:ASPNETCORE_PORT|HTTP_PLATFORM_PORT)%/gi, String(port))
}

/** The text is nothing but the placeholder: it asks for the port, it does not set one. */
export function asksForPort(text: string): boolean {
  return /^\s*%(?:ASPNETCORE_PORT|HTTP_PLATFORM_PORT)%\s*$/i.test(text)
}
