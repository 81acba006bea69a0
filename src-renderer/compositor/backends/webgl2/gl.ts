/** Small helpers over WebGL2 that throw instead of returning null. */

export class GlProgram {
  readonly #program: WebGLProgram;
  readonly #gl: WebGL2RenderingContext;
  readonly #locations = new Map<string, WebGLUniformLocation | null>();

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
