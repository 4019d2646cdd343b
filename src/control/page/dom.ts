type Child = Node | string

/** Makes an element with attributes and children; texts are text, never HTML. */
export function build<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

/** An element of the page by its id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no element #${id}`)
  return found
}

/** Puts a text into an element only if it is another one, so that nothing is read aloud or selected anew. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text
}

/** Tells something to a reader of the screen who cannot see it. */
export function announce(text: string): void {
  setText(byId('said'), text)
}
