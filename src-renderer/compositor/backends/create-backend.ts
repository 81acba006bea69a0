/** Chooses the back end: WebGL2 on a GPU; software rasterisers pretend to be one and are ten times slower than Canvas2D. */
import type { StudioMediaOptions } from '../studio-media.ts';
import type { Backend } from './backend.ts';
import { CpuBackend } from './cpu/cpu-backend.ts';
import { WebGl2Backend } from './webgl2/webgl2-backend.ts';

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export async function createBackend(wanted: NonNullable<StudioMediaOptions['backend']>): Promise<Backend> {
  return (wanted !== 'cpu' && createWebGl2(wanted)) || CpuBackend.create();
}

function createWebGl2(wanted: 'auto' | 'webgl2'): Backend | null {
  const canvas = new OffscreenCanvas(16, 16);
  const gl = canvas.getContext('webgl2', { alpha: false, antialias: false, depth: false, powerPreference: 'high-performance' });
  if (!gl) return null;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  if (wanted === 'webgl2' || !SOFTWARE.test(renderer)) {
    try {
      return new WebGl2Backend(canvas, gl);
    } catch {
      // a driver that cannot compile our shaders: the CPU can do it all
    }
  }
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return null;
}
