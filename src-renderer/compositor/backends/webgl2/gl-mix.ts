/** Two scenes into one picture in one pass on the GPU. */
import type { WipeMap } from '../../transitions/wipe-maps.ts';
import type { Composition, MixedScenes } from '../backend.ts';
import { rgbaOf } from './colour.ts';
import { createTexture, GlProgram, GlTarget } from './gl.ts';
import { MIX_FRAGMENT, MIX_KINDS, WHOLE_VERTEX } from './shaders.ts';

export class GlMix {
  readonly #gl: WebGL2RenderingContext;
  #program: GlProgram | null = null;
  #scenes: { from: GlTarget; to: GlTarget } | null = null;
  #map: { texture: WebGLTexture; revision: number } | null = null;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  /** @param drawScene draws a whole scene into a target as large as `into` */
  draw(into: GlTarget, { from, to, mix, wipeMap }: MixedScenes, drawScene: (into: GlTarget, scene: Composition) => void): void {
    const gl = this.#gl;
    const scenes = (this.#scenes ??= { from: new GlTarget(gl, into.width, into.height), to: new GlTarget(gl, into.width, into.height) });
    drawScene(scenes.from, from);
    drawScene(scenes.to, to);
    this.#program ??= new GlProgram(gl, WHOLE_VERTEX, MIX_FRAGMENT);
    const program = this.#program;
    gl.bindFramebuffer(gl.FRAMEBUFFER, into.framebuffer);
    gl.viewport(0, 0, into.width, into.height);
    program.begin();
    this.#bind(program, 'fromScene', 0, scenes.from.texture);
    this.#bind(program, 'toScene', 1, scenes.to.texture);
    this.#bind(program, 'map', 2, wipeMap ? this.#mapOf(wipeMap) : scenes.to.texture);
    gl.activeTexture(gl.TEXTURE0);
    gl.uniform2f(program.uniform('size'), into.width, into.height);
    gl.uniform1i(program.uniform('kind'), MIX_KINDS.indexOf(mix.kind === 'through' ? `through-${mix.shown}` : mix.kind));
    gl.uniform1f(program.uniform('amount'), mix.kind === 'fade' || mix.kind === 'through' ? mix.amount : 0);
    if (mix.kind === 'through') gl.uniform4f(program.uniform('colour'), ...rgbaOf(mix.colour));
    if (mix.kind === 'slide') gl.uniform4f(program.uniform('places'), mix.x, mix.y, mix.toX, mix.toY);
    if (mix.kind === 'wipe') gl.uniform2f(program.uniform('edge'), mix.threshold, mix.softness);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  /** Between transitions, and when the canvas changes its size, nothing is kept. */
  rest(): void {
    this.#scenes?.from.dispose();
    this.#scenes?.to.dispose();
    this.#scenes = null;
    if (this.#map) this.#gl.deleteTexture(this.#map.texture);
    this.#map = null;
  }

  #bind(program: GlProgram, name: string, unit: number, texture: WebGLTexture): void {
    this.#gl.activeTexture(this.#gl.TEXTURE0 + unit);
    this.#gl.bindTexture(this.#gl.TEXTURE_2D, texture);
    this.#gl.uniform1i(program.uniform(name), unit);
  }

  #mapOf({ width, height, values, revision }: WipeMap): WebGLTexture {
    if (this.#map?.revision === revision) return this.#map.texture;
    const gl = this.#gl;
    if (this.#map) gl.deleteTexture(this.#map.texture);
    gl.activeTexture(gl.TEXTURE2);
    const texture = createTexture(gl, gl.LINEAR);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, width, height, 0, gl.RED, gl.UNSIGNED_BYTE, values);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 4);
    this.#map = { texture, revision };
    return texture;
  }
}
