/**
 * Composes and converts on the GPU: pictures → scene texture → I420 in one pass → one asynchronous copy to memory.
 * A lost context shows as an error of `draw` or `readI420`; the compositor then goes on with the CPU.
 */
import { i420Bytes } from '../../../../src-shared/units.ts';
import type { FilterRequest } from '../../filters/chain.ts';
import { GlFilters } from '../../filters/gl/gl-filters.ts';
import type { Placement } from '../../layout.ts';
import type { SourcePicture } from '../../sources/source-picture.ts';
import { type Backend, type Composition, type Frame, fingerprint, type Layer } from '../backend.ts';
import { rgbaOf } from './colour.ts';
import { GlProgram, GlTarget } from './gl.ts';
import { GlMix } from './gl-mix.ts';
import { PictureTextures } from './picture-textures.ts';
import { I420_FRAGMENT, LAYER_FRAGMENT, LAYER_VERTEX, WHOLE_VERTEX } from './shaders.ts';

const POLL_MS = 1;
/** A driver that takes longer than this has hung. */
const READ_WITHIN_MS = 2_000;

export class WebGl2Backend implements Backend {
  readonly kind = 'webgl2';
  readonly #canvas: OffscreenCanvas;
  readonly #gl: WebGL2RenderingContext;
  readonly #layer: GlProgram;
  readonly #convert: GlProgram;
  readonly #textures: PictureTextures;
  readonly #filters: GlFilters;
  readonly #mix: GlMix;
  readonly #pixels: WebGLBuffer;
  #scene: GlTarget;
  #packed: GlTarget;
  #packedBytes = new Uint8Array(0);
  #fingerprint = '';

  /** @param canvas with its WebGL2 context */
  constructor(canvas: OffscreenCanvas, gl: WebGL2RenderingContext) {
    this.#canvas = canvas;
    this.#gl = gl;
    this.#layer = new GlProgram(gl, LAYER_VERTEX, LAYER_FRAGMENT);
    this.#convert = new GlProgram(gl, WHOLE_VERTEX, I420_FRAGMENT);
    this.#textures = new PictureTextures(gl);
    this.#filters = new GlFilters(gl, (sourceId, picture) => this.#textures.bind(sourceId, picture));
    this.#mix = new GlMix(gl);
    this.#pixels = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.#scene = new GlTarget(gl, 16, 16);
    this.#packed = new GlTarget(gl, 4, 24);
  }

  resize(widthPx: number, heightPx: number): void {
    const gl = this.#gl;
    this.#canvas.width = widthPx;
    this.#canvas.height = heightPx;
    this.#mix.rest();
    this.#scene.dispose();
    this.#packed.dispose();
    this.#scene = new GlTarget(gl, widthPx, heightPx);
    this.#packed = new GlTarget(gl, Math.ceil(widthPx / 8) * 2, (heightPx * 3) / 2);
    this.#packedBytes = new Uint8Array(this.#packed.width * this.#packed.height * 4);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, this.#pixels);
    gl.bufferData(gl.PIXEL_PACK_BUFFER, this.#packedBytes.byteLength, gl.STREAM_READ);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    this.#fingerprint = '';
  }

  filter(request: FilterRequest): SourcePicture {
    if (this.#gl.isContextLost()) throw new Error('WebGL2: the context is lost');
    return this.#filters.filter(request);
  }

  filterCosts(): ReadonlyMap<string, number> {
    return this.#filters.costs.all();
  }

  draw(frame: Frame): boolean {
    if (this.#gl.isContextLost()) throw new Error('WebGL2: the context is lost');
    const next = fingerprint(frame);
    if (next === this.#fingerprint) return false;
    this.#fingerprint = next;
    if ('mix' in frame) this.#mix.draw(this.#scene, frame, (into, scene) => this.#drawScene(into, scene));
    else {
      this.#mix.rest();
      this.#drawScene(this.#scene, frame);
    }
    this.#textures.forgetUnused();
    this.#filters.forgetUnused();
    return true;
  }

  show(): OffscreenCanvas {
    const gl = this.#gl;
    const { width, height } = this.#scene;
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.#scene.framebuffer);
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
    gl.blitFramebuffer(0, 0, width, height, 0, height, width, 0, gl.COLOR_BUFFER_BIT, gl.NEAREST);
    return this.#canvas;
  }

  async readI420(into: Uint8Array): Promise<void> {
    const gl = this.#gl;
    const { width, height } = this.#packed;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#packed.framebuffer);
    gl.viewport(0, 0, width, height);
    this.#convert.begin();
    gl.bindTexture(gl.TEXTURE_2D, this.#scene.texture);
    gl.uniform2i(this.#convert.uniform('size'), this.#scene.width, this.#scene.height);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, this.#pixels);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    await this.#finished();
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, this.#pixels);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, this.#packedBytes);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    unpack(this.#packedBytes, this.#scene.width, this.#scene.height, into);
  }

  dispose(): void {
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  #drawScene({ framebuffer, width, height }: GlTarget, composition: Composition): void {
    const gl = this.#gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.viewport(0, 0, width, height);
    gl.clearColor(...rgbaOf(composition.background));
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.#layer.begin();
    gl.uniform2f(this.#layer.uniform('targetSize'), width, height);
    gl.enable(gl.BLEND);
    for (const layer of composition.layers) this.#drawLayer(layer);
    gl.disable(gl.BLEND);
  }

  #drawLayer({ sourceId, picture, placement }: Layer): void {
    const gl = this.#gl;
    const { to, rotationRad, centreX, centreY } = placement;
    const filtered = this.#filters.textureOf(picture);
    if (filtered) gl.bindTexture(gl.TEXTURE_2D, filtered);
    else this.#textures.bind(sourceId, picture);
    gl.uniform4f(this.#layer.uniform('to'), to.x, to.y, to.width, to.height);
    gl.uniform4f(this.#layer.uniform('from'), ...textureRect(placement, picture));
    gl.uniform3f(this.#layer.uniform('turn'), centreX, centreY, rotationRad);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  /** Resolves when the GPU is done with all that was asked so far, without blocking this thread. */
  async #finished(): Promise<void> {
    const gl = this.#gl;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (!fence) throw new Error('WebGL2: no fence');
    gl.flush();
    const untilMs = performance.now() + READ_WITHIN_MS;
    try {
      for (;;) {
        const status = gl.clientWaitSync(fence, 0, 0);
        if (status === gl.ALREADY_SIGNALED || status === gl.CONDITION_SATISFIED) break;
        if (status === gl.WAIT_FAILED || gl.isContextLost() || performance.now() > untilMs)
          throw new Error('WebGL2: the picture could not be read back');
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    } finally {
      gl.deleteSync(fence);
    }
    if (gl.isContextLost()) throw new Error('WebGL2: the context is lost');
  }
}

/** `from` in 0..1 of the picture; a negative width mirrors. */
function textureRect({ from }: Placement, { widthPx, heightPx, mirrored }: SourcePicture): [number, number, number, number] {
  const width = from.width / widthPx;
  const left = from.x / widthPx;
  return [mirrored ? 1 - left : left, from.y / heightPx, mirrored ? -width : width, from.height / heightPx];
}

/** From the shader's layout, whose rows are rounded up to 8 pixels, to exact planes. */
export function unpack(packed: Uint8Array, width: number, height: number, into: Uint8Array): void {
  const stride = Math.ceil(width / 8) * 8;
  if (stride === width) into.set(packed.subarray(0, width * height));
  else for (let row = 0; row < height; row++) into.set(packed.subarray(row * stride, row * stride + width), row * width);
  const u = width * height;
  const v = (u + i420Bytes(width, height)) >> 1;
  for (let row = 0; row < height / 2; row++) {
    const at = (height + row) * stride;
    into.set(packed.subarray(at, at + width / 2), u + (row * width) / 2);
    into.set(packed.subarray(at + stride / 2, at + stride / 2 + width / 2), v + (row * width) / 2);
  }
}
