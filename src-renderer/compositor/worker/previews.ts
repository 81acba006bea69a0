/** Canvases of the page that show the program. */
import type { Backend } from '../backends/backend.ts';

interface Preview {
  canvas: OffscreenCanvas;
  context: OffscreenCanvasRenderingContext2D;
}

export class Previews {
  readonly #open = new Map<number, Preview>();
  #stale = true;
  #visible = true;

  add(id: number, canvas: OffscreenCanvas): void {
    const context = canvas.getContext('2d', { alpha: false });
    if (context) this.#open.set(id, { canvas, context });
    this.#stale = true;
  }

  remove(id: number): void {
    this.#open.delete(id);
  }

  /** Nobody can see the page: nothing is drawn until somebody can. */
  set visible(visible: boolean) {
    this.#visible = visible;
    this.#stale = true;
  }

  /** The program has another picture than the one shown; a still scene is drawn once only. */
  changed(): void {
    this.#stale = true;
  }

  show(backend: Backend): void {
    if (!this.#stale || !this.#visible || this.#open.size === 0) return;
    this.#stale = false;
    const program = backend.show();
    for (const { canvas, context } of this.#open.values()) {
      if (canvas.width !== program.width) canvas.width = program.width;
      if (canvas.height !== program.height) canvas.height = program.height;
      context.drawImage(program, 0, 0);
    }
  }
}
