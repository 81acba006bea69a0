/** Canvases of the page that show the program. */

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

  show(program: OffscreenCanvas): void {
    if (!this.visible) return;
    for (const { canvas, context } of this.#open.values()) {
      if (canvas.width !== program.width) canvas.width = program.width;
      if (canvas.height !== program.height) canvas.height = program.height;
      context.drawImage(program, 0, 0);
    }
  }
}
