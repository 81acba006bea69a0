/** The link for other devices in the network, with its QR code. */
import { bindPanel, element, label, setText } from './dom.ts';
import { linkForOthers } from './link.ts';
import { drawQrCode } from './qr-code.ts';
import type { ShowView } from './show-view.ts';
import { texts } from './text.ts';

const COPIED_MS = 1_500;

export class SharePanel {
  readonly toggle: () => void;
  #link = location.href;
  #reachable = true;

  constructor() {
    label('share', texts.share);
    element('share').ariaLabel = texts.share; // a narrow page shows the icon alone
    label('copy', texts.copy);
    setText(element('share-title'), texts.shareTitle);
    element('share-code').ariaLabel = texts.shareCode;
    this.toggle = bindPanel('share', 'share-panel', () => this.#draw()).toggle;
    element('copy').addEventListener('click', () => void this.#copy());
  }

  render({ status }: ShowView): void {
    const link = linkForOthers(location.href, status?.addresses ?? []);
    const reachable = link !== null;
    if (link === this.#link && reachable === this.#reachable) return;
    this.#link = link ?? location.href;
    this.#reachable = reachable;
    if (!element('share-panel').hidden) this.#draw();
  }

  #draw(): void {
    setText(element('share-note'), this.#reachable ? texts.shareNote : texts.shareOff);
    setText(element('share-link'), this.#link);
    element('share-code').hidden = !this.#reachable;
    if (this.#reachable) element('share-code').replaceChildren(drawQrCode(this.#link));
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#link);
    } catch {
      getSelection()?.selectAllChildren(element('share-link')); // an address without TLS has no clipboard: it is ready to be copied by hand
      return;
    }
    label('copy', texts.copied);
    setTimeout(() => label('copy', texts.copy), COPIED_MS);
  }
}
