/** Keeps the last picture on the screen while one connection is exchanged for another, so that nothing goes black. */

const WIDTH_MAX_PX = 1_280;

export class HeldPicture {
  readonly #canvas: HTMLCanvasElement;
  readonly #video: HTMLVideoElement;

  constructor(canvas: HTMLCanvasElement, video: HTMLVideoElement) {
    this.#canvas = canvas;
    this.#video = video;
  }

  hold(): void {
    const { videoWidth, videoHeight } = this.#video;
    if (!videoWidth || !videoHeight || !this.#canvas.hidden) return;
    const scale = Math.min(1, WIDTH_MAX_PX / videoWidth);
    this.#canvas.width = Math.round(videoWidth * scale);
    this.#canvas.height = Math.round(videoHeight * scale);
    this.#canvas.getContext('2d')?.drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
    this.#canvas.hidden = false;
  }

  release(): void {
    this.#canvas.hidden = true;
  }
}
