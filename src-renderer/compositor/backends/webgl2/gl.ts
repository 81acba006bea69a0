/** Small helpers over WebGL2 that throw instead of returning null. */

export class GlProgram {
  readonly #program: WebGLProgram;
  readonly #gl: WebGL2RenderingContext;
  readonly #locations = new Map<string, WebGLUniformLocation | null>();
  /** what GLSL declares each active uniform to be */
  readonly #types = new Map<string, number>();

  constructor(gl: WebGL2RenderingContext, vertex: string, fragment: string) {
    this.#gl = gl;
    this.#program = gl.createProgram();
    for (const [type, source] of [
      [gl.VERTEX_SHADER, vertex],
      [gl.FRAGMENT_SHADER, fragment],
    ] as const) {
      const shader = gl.createShader(type);
      if (!shader) throw new Error('WebGL2: no shader');
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(this.#program, shader);
    }
    gl.bindAttribLocation(this.#program, 0, 'corner');
    gl.linkProgram(this.#program);
    if (!gl.getProgramParameter(this.#program, gl.LINK_STATUS)) throw new Error(`WebGL2: ${gl.getProgramInfoLog(this.#program)}`);
    for (let index = 0; index < gl.getProgramParameter(this.#program, gl.ACTIVE_UNIFORMS); index++) {
      const active = gl.getActiveUniform(this.#program, index);
      if (active) this.#types.set(active.name.replace('[0]', ''), active.type);
    }
  }

  begin(): void {
    // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's name, no hook
    this.#gl.useProgram(this.#program);
  }

  uniform(name: string): WebGLUniformLocation | null {
    let location = this.#locations.get(name);
    if (location === undefined) this.#locations.set(name, (location = this.#gl.getUniformLocation(this.#program, name)));
    return location;
  }

  /** GL's name for it, such as SAMPLER_3D; undefined when the shader does without it */
  typeOf(name: string): number | undefined {
    return this.#types.get(name);
  }

  /** Sets a uniform of numbers, as the shader declares it. The program is the current one. */
  set(name: string, values: readonly number[]): void {
    const gl = this.#gl;
    const at = this.uniform(name);
    switch (this.#types.get(name)) {
      case gl.FLOAT:
        return gl.uniform1fv(at, values);
      case gl.FLOAT_VEC2:
        return gl.uniform2fv(at, values);
      case gl.FLOAT_VEC3:
        return gl.uniform3fv(at, values);
      case gl.FLOAT_VEC4:
        return gl.uniform4fv(at, values);
      case gl.FLOAT_MAT3:
        return gl.uniformMatrix3fv(at, false, values);
      case gl.INT_VEC2:
        return gl.uniform2iv(at, values);
      default:
        return;
    }
  }
}

/** A texture that can be drawn into. */
export class GlTarget {
  readonly texture: WebGLTexture;
  readonly framebuffer: WebGLFramebuffer;
  readonly width: number;
  readonly height: number;
  readonly #gl: WebGL2RenderingContext;

  constructor(gl: WebGL2RenderingContext, width: number, height: number) {
    this.#gl = gl;
    this.width = width;
    this.height = height;
    this.texture = createTexture(gl, gl.LINEAR);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, width, height);
    this.framebuffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.texture, 0);
  }

  dispose(): void {
    this.#gl.deleteFramebuffer(this.framebuffer);
    this.#gl.deleteTexture(this.texture);
  }
}

/** A new texture, bound to TEXTURE_2D. */
export function createTexture(gl: WebGL2RenderingContext, minFilter: number): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, minFilter);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return texture;
}
