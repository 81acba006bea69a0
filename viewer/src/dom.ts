/** The few things that every part of the page does with its elements. */

export function element<T extends Element = HTMLElement>(id: string): T {
  return document.getElementById(id) as unknown as T;
}

export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Dresses a button in icon, name and key. */
export function dress(id: string, icon: string, name: string, key?: string): void {
  const button = element(id);
  const use = button.querySelector('use');
  if (use?.getAttribute('href') !== `#i-${icon}`) use?.setAttribute('href', `#i-${icon}`);
  if (button.ariaLabel !== name) button.ariaLabel = name;
  button.title = key ? `${name} (${key})` : name;
}

/** A button with words of its own. */
export function label(id: string, text: string): void {
  setText(element(id).querySelector('span') as Element, text);
}

/**
 * A panel that its button opens and closes; Escape, and a click beside it, close it too.
 * @param buttonId null: it is opened from elsewhere alone
 * @param onOpen fills it
 */
export function bindPanel(buttonId: string | null, panelId: string, onOpen: () => void): { toggle: () => void } {
  const button = buttonId === null ? null : element(buttonId);
  const panel = element(panelId);
  const isOpen = () => panel.hidden === false;
  const set = (open: boolean) => {
    if (open === isOpen()) return;
    panel.hidden = !open;
    if (button) button.ariaExpanded = String(open);
    if (open) {
      onOpen();
      (panel.querySelector<HTMLElement>('button') ?? panel).focus();
    } else if (panel.contains(document.activeElement) || document.activeElement === document.body) button?.focus();
  };
  button?.addEventListener('click', () => set(!isOpen()));
  document.addEventListener('pointerdown', ({ target }) => {
    if (!panel.contains(target as Node) && !button?.contains(target as Node)) set(false);
  });
  document.addEventListener('keydown', ({ key }) => key === 'Escape' && set(false));
  return { toggle: () => set(!isOpen()) };
}
