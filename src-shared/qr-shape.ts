/** A QR code's modules as one SVG path, for the studio and the viewer page alike. */

/** light modules around the code (ISO/IEC 18004, 6.3.8) */
const QUIET_MODULES = 4;

export interface QrShape {
  /** of an <svg>, in modules, with the quiet zone */
  viewBox: string;
  /** `d` of the dark modules' <path> */
  path: string;
}

/** @param isDark of a module, by row and column from 0 */
export function qrShape(modules: number, isDark: (row: number, column: number) => boolean): QrShape {
  let path = '';
  for (let row = 0; row < modules; row += 1) {
    for (let column = 0; column < modules; column += 1) if (isDark(row, column)) path += `M${column} ${row}h1v1h-1z`;
  }
  const size = modules + 2 * QUIET_MODULES;
  return { viewBox: `${-QUIET_MODULES} ${-QUIET_MODULES} ${size} ${size}`, path };
}
