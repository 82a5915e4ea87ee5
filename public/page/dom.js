// Makes and finds elements. Text always goes in as text, never as HTML.

/** The element with that id. */
export const find = (id) => document.getElementById(id);

/** An element with properties (`class`, `data-…` and `aria-…` as attributes, `on…` as listeners) and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name in element && !/^(data|aria)-|^(class|list|form|role)$/.test(name)) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Sets the text of an element; an empty text hides it. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === '';
}

/** Announces a text to screen readers. */
export function announce(text) {
  find('live').textContent = text;
}
