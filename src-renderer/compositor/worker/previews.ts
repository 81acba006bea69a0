/** Canvases of the page that show the program. */
import type { Backend } from '../backends/backend.ts';

interface Preview {
  canvas: OffscreenCanvas;
  context: OffscreenCanvasRenderingContext2D;
}

export class Previews {
  readonly #open = new Map<number, Preview>();
  visible = true;

  add(id: number, canvas: OffscreenCanvas): void {
    const context = canvas.getContext('2d', { alpha: false });
    if (context) this.#open.set(id, { canvas, context });
  }

  remove(id: number): void {
    this.#open.delete(id);
  }

  show(backend: Backend): void {
    if (!this.visible || this.#open.size === 0) return;
    const program = backend.show();
    for (const { canvas, context } of this.#open.values()) {
      if (canvas.width !== program.width) canvas.width = program.width;
      if (canvas.height !== program.height) canvas.height = program.height;
      context.drawImage(program, 0, 0);
    }
  }
}
