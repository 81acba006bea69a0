/** GLSL ES 3.00. The scene's texture has its first row on top: nothing is ever flipped but what is shown. */

/** A placed picture: `corner` runs over the unit square. */
export const LAYER_VERTEX = `#version 300 es
in vec2 corner;
uniform vec2 targetSize;
uniform vec4 to;       // x, y, width, height in pixels
uniform vec4 from;     // the same in 0..1 of the picture
uniform vec3 turn;     // centre x, centre y, radians
out vec2 at;
void main() {
  vec2 offset = to.xy + corner * to.zw - turn.xy;
  float c = cos(turn.z), s = sin(turn.z);
  vec2 position = turn.xy + vec2(c * offset.x - s * offset.y, s * offset.x + c * offset.y);
  at = from.xy + corner * from.zw;
  gl_Position = vec4(position / targetSize * 2.0 - 1.0, 0.0, 1.0);
}`;

export const LAYER_FRAGMENT = `#version 300 es
precision highp float;
in vec2 at;
uniform sampler2D picture;
out vec4 colour;
void main() { colour = texture(picture, at); }`;

export const WHOLE_VERTEX = `#version 300 es
in vec2 corner;
void main() { gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0); }`;

/**
 * RGB to I420, BT.709 limited (ITU-R BT.709-6, 3.5), four bytes to a texel. The target is a quarter as wide as the
 * scene (rounded up to 8 pixels): first its rows of luma, then rows with U in the left half and V in the right.
 */
export const I420_FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
uniform sampler2D scene;
uniform ivec2 size;
out vec4 bytes;
const vec3 KY = vec3(0.2126, 0.7152, 0.0722) * (219.0 / 255.0);
const vec3 KU = vec3(-0.2126, -0.7152, 0.9278) / 1.8556 * (224.0 / 255.0);
const vec3 KV = vec3(0.7874, -0.7152, -0.0722) / 1.5748 * (224.0 / 255.0);
float luma(int x, int y) { return dot(texelFetch(scene, ivec2(min(x, size.x - 1), y), 0).rgb, KY) + 16.0 / 255.0; }
// A linear tap at the corner of four texels is their mean.
float chroma(int x, int y, vec3 weights) {
  vec2 corner = vec2(min(x, size.x / 2 - 1), y) * 2.0 + 1.0;
  return dot(textureLod(scene, corner / vec2(size), 0.0).rgb, weights) + 128.0 / 255.0;
}
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  int half8 = (size.x + 7) / 8;
  if (p.y < size.y) {
    int x = p.x * 4;
    bytes = vec4(luma(x, p.y), luma(x + 1, p.y), luma(x + 2, p.y), luma(x + 3, p.y));
  } else {
    bool isV = p.x >= half8;
    vec3 weights = isV ? KV : KU;
    int x = (isV ? p.x - half8 : p.x) * 4;
    int y = p.y - size.y;
    bytes = vec4(chroma(x, y, weights), chroma(x + 1, y, weights), chroma(x + 2, y, weights), chroma(x + 3, y, weights));
  }
}`;

/** The places of MIX_FRAGMENT's `kind`. */
export const MIX_KINDS: readonly string[] = ['fade', 'through-from', 'through-to', 'slide', 'wipe'];

/** Two scenes into one, by the numbers of transitions/mix.ts. */
export const MIX_FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D fromScene;
uniform sampler2D toScene;
uniform sampler2D map;
uniform vec2 size;
uniform int kind;
uniform float amount;
uniform vec4 colour;
uniform vec4 places;  // of both scenes: x, y, x, y in sizes of the canvas
uniform vec2 edge;    // threshold, softness
out vec4 mixed;
void main() {
  vec2 at = gl_FragCoord.xy / size;
  if (kind == 3) {
    vec2 old = at - places.xy;
    bool isOld = all(greaterThanEqual(old, vec2(0.0))) && all(lessThan(old, vec2(1.0)));
    mixed = isOld ? texture(fromScene, old) : texture(toScene, at - places.zw);
    return;
  }
  vec4 older = texture(fromScene, at), newer = texture(toScene, at);
  if (kind == 0) mixed = mix(older, newer, amount);
  else if (kind == 4) mixed = mix(older, newer, clamp(1.0 - (texture(map, at).r - edge.x) / edge.y, 0.0, 1.0));
  else mixed = mix(kind == 1 ? older : newer, colour, amount);
}`;
