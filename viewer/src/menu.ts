/** The menu of the player: which rung is played, how much delay is taken, and the ways to more. */
import { WISHES, type Wish } from './choose-player.ts';
import { bindPanel, element, setText } from './dom.ts';
import { type Rung, rungLabel, SOURCE } from './rungs.ts';
import { preloadHls } from './sessions/hls.ts';
import type { Show } from './show.ts';
import type { ShowView } from './show-view.ts';
import { texts } from './text.ts';

export class SettingsMenu {
  readonly toggle: () => void;
  readonly #show: Show;
  readonly #more: { name: string; icon: string; run: () => void }[];
  #view: ShowView | null = null;
  #drawn = '';

  constructor(show: Show, more: { name: string; icon: string; run: () => void }[]) {
    this.#show = show;
    this.#more = more;
    this.toggle = bindPanel('settings', 'menu', () => this.#draw()).toggle;
    element('menu').addEventListener('keydown', moveFocus);
  }

  render(view: ShowView): void {
    this.#view = view;
    setText(element('rung'), view.rung ? shortLabel(view.rung, view) : '');
    const drawn = JSON.stringify([view.rungs.map(({ name }) => name), view.rung, view.chosen, view.rungWaits, view.picture?.heightPx]);
    if (drawn === this.#drawn || element('menu').hidden) return;
    this.#drawn = drawn;
    const focused = element('menu').contains(document.activeElement) ? document.activeElement?.id : undefined;
    this.#draw();
    if (focused) element(focused)?.focus();
  }

  #draw(): void {
    if (!this.#view) return;
    const { rungs, rung, chosen, rungWaits } = this.#view;
    const auto = chosen.rung === null && rung ? texts.autoNow(shortLabel(rung, this.#view)) : texts.auto;
    const choices = [
      { id: 'auto', name: auto, chosen: chosen.rung === null, run: () => this.#show.setRung(null) },
      ...rungs.toReversed().map((each) => ({
        id: `rung-${each.name}`,
        name: nameOf(each, rungs),
        chosen: chosen.rung === each.name,
        ...(rungWaits && chosen.rung === each.name ? { hint: texts.rungWaits } : {}),
        run: () => this.#show.setRung(each.name),
      })),
    ];
    element('menu').replaceChildren(
      ...(rungs.length > 1 ? [group(texts.quality, choices)] : []), // of one there is no choice
      group(
        texts.delay,
        WISHES.map((wish) => this.#wish(wish, chosen.wish)),
      ),
      ...this.#more.map(({ name, icon, run }) => row({ id: `more-${icon}`, name, icon, run })),
    );
  }

  #wish(wish: Wish, chosen: Wish): Choice {
    const { name, hint } = texts.wishes[wish];
    const soon = wish === 'lowest' ? {} : { soon: preloadHls }; // mpegts.js is there already
    return { id: `wish-${wish}`, name, hint, chosen: wish === chosen, run: () => this.#show.setWish(wish), ...soon };
  }
}

interface Choice {
  id: string;
  name: string;
  hint?: string;
  icon?: string;
  chosen?: boolean;
  run: () => void;
  /** it is pointed at, or focused: it may be chosen next */
  soon?: () => void;
}

function nameOf(rung: Rung, rungs: readonly Rung[]): string {
  const size = rung.heightPx ? rungLabel(rung, rungs) : '';
  return rung.name === SOURCE ? [texts.source, size].filter(Boolean).join(' · ') : size || rung.name;
}

/** 720p */
function shortLabel(name: string, { rungs, picture }: ShowView): string {
  const rung = rungs.find((each) => each.name === name);
  const [widthPx, heightPx] = rung?.heightPx ? [rung.widthPx, rung.heightPx] : [picture?.widthPx ?? 0, picture?.heightPx ?? 0];
  return heightPx ? `${Math.min(widthPx, heightPx)}p` : '';
}

function group(title: string, choices: Choice[]): HTMLElement {
  const fieldset = document.createElement('div');
  fieldset.role = 'radiogroup';
  fieldset.ariaLabel = title;
  const heading = document.createElement('h3');
  heading.textContent = title;
  fieldset.append(heading, ...choices.map(row));
  return fieldset;
}

function row({ id, name, hint, icon, chosen, run, soon }: Choice): HTMLElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.id = id;
  if (chosen !== undefined) {
    button.role = 'radio';
    button.ariaChecked = String(chosen);
  }
  const words = document.createElement('span');
  words.textContent = name;
  if (hint) {
    const small = document.createElement('small');
    small.textContent = hint;
    words.append(small);
  }
  button.append(drawIcon(icon ?? 'check'), words);
  button.addEventListener('click', run);
  if (soon) for (const event of ['pointerenter', 'focus']) button.addEventListener(event, soon);
  return button;
}

function drawIcon(name: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(svg.namespaceURI as 'http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Up and down go from row to row, and change nothing else on the page. */
function moveFocus(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const rows = [...element('menu').querySelectorAll('button')];
  const at = rows.indexOf(document.activeElement as HTMLButtonElement);
  rows[(at + (event.key === 'ArrowDown' ? 1 : rows.length - 1)) % rows.length]?.focus();
  event.preventDefault();
  event.stopPropagation();
}
