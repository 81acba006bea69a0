/** Which keys belong to what has the focus. */

const SLIDER_KEYS = new Set(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown']);

/** Whether what has the focus does something with the key by itself. @param type of an input element */
export function ownsKey({ localName, type }: { localName: string; type?: string }, key: string): boolean {
  if (localName === 'input') return type !== 'range' || SLIDER_KEYS.has(key);
  return (localName === 'button' && (key === ' ' || key === 'Enter')) || (localName === 'a' && key === 'Enter');
}
