/** The sources' pictures as textures, uploaded when they change and dropped when nothing shows them. */
import type { SourcePicture } from '../../sources/source-picture.ts';
import { createTexture } from './gl.ts';

interface Uploaded {
  texture: WebGLTexture;
  revision: number;
  used: boolean;
}

export class PictureTextures {
  readonly #gl: WebGL2RenderingContext;
  readonly #uploaded = new Map<string, Uploaded>();

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  /** Leaves the texture bound. */
  bind(sourceId: string, picture: SourcePicture): WebGLTexture {
    const gl = this.#gl;
    let uploaded = this.#uploaded.get(sourceId);
    if (!uploaded) this.#uploaded.set(sourceId, (uploaded = { texture: createTexture(gl, gl.LINEAR), revision: -1, used: true }));
    uploaded.used = true;
    gl.bindTexture(gl.TEXTURE_2D, uploaded.texture);
    if (uploaded.revision === picture.revision) return uploaded.texture;
    uploaded.revision = picture.revision;
    // Canvases and bitmaps hold premultiplied colours: they stay so.
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, picture.image);
    // A still may be shown much smaller than it is; mipmaps for every frame of a camera would cost more than they give.
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, picture.moving ? gl.LINEAR : gl.LINEAR_MIPMAP_LINEAR);
    if (!picture.moving) gl.generateMipmap(gl.TEXTURE_2D);
    return uploaded.texture;
  }

  forgetUnused(): void {
    for (const [sourceId, uploaded] of this.#uploaded) {
      if (!uploaded.used) {
        this.#gl.deleteTexture(uploaded.texture);
        this.#uploaded.delete(sourceId);
      }
      uploaded.used = false;
    }
  }
}
