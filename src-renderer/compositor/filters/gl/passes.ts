/** Programs, uniforms and tables of filter passes. */
import { createTexture, GlProgram, type GlTarget } from '../../backends/webgl2/gl.ts';
import { WHOLE_VERTEX } from '../../backends/webgl2/shaders.ts';
import type { Table, Uniforms } from '../filter-kind.ts';

export class Passes {
  readonly #gl: WebGL2RenderingContext;
  readonly #programs = new Map<string, GlProgram>();

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  /** Compiled once. */
  program(fragment: string): GlProgram {
    let program = this.#programs.get(fragment);
    if (!program) this.#programs.set(fragment, (program = new GlProgram(this.#gl, WHOLE_VERTEX, fragment)));
    return program;
  }

  /** Fills a target. Inputs are textures by their sampler's name. */
  draw(program: GlProgram, inputs: Record<string, { texture: WebGLTexture }>, uniforms: Uniforms, target: GlTarget): void {
    const gl = this.#gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.framebuffer);
    gl.viewport(0, 0, target.width, target.height);
    program.begin();
    for (const [unit, [name, { texture }]] of Object.entries(inputs).entries()) {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(program.typeOf(name) === gl.SAMPLER_3D ? gl.TEXTURE_3D : gl.TEXTURE_2D, texture);
      gl.uniform1i(program.uniform(name), unit);
    }
    for (const [name, value] of Object.entries(uniforms))
      if (typeof value === 'number' || Array.isArray(value)) program.set(name, typeof value === 'number' ? [value] : value);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.activeTexture(gl.TEXTURE0);
  }

  upload(table: Table): { texture: WebGLTexture } & Disposable {
    const gl = this.#gl;
    const { widthPx, heightPx, depthPx, channels, data } = table;
    const isFloat = data instanceof Float32Array;
    const [internal, format] = channels === 1 ? [gl.R8, gl.RED] : [isFloat ? gl.RGBA16F : gl.RGBA8, gl.RGBA];
    const type = isFloat ? gl.FLOAT : gl.UNSIGNED_BYTE;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    let texture: WebGLTexture;
    if (depthPx === undefined) {
      texture = createTexture(gl, gl.LINEAR);
      gl.texImage2D(gl.TEXTURE_2D, 0, internal, widthPx, heightPx, 0, format, type, data);
    } else {
      texture = gl.createTexture();
      gl.bindTexture(gl.TEXTURE_3D, texture);
      for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_3D, name, gl.LINEAR);
      for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R]) gl.texParameteri(gl.TEXTURE_3D, name, gl.CLAMP_TO_EDGE);
      gl.texImage3D(gl.TEXTURE_3D, 0, internal, widthPx, heightPx, depthPx, 0, format, type, data);
    }
    return { texture, [Symbol.dispose]: () => gl.deleteTexture(texture) };
  }
}
