/**
 * The browser host's token comes in the address (`#token=…`), which no server ever sees; it is taken out of the
 * address bar at once and kept for this tab, so that a reload still works and a shared screen does not show it.
 */
const KEY = 'tidecast.token';

export function takeToken(): string {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get('token');
  if (given) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return given ?? sessionStorage.getItem(KEY) ?? '';
}
