/** ITU-T H.273 code points. */
export interface ColourCodePoints {
  primaries: number;
  transfer: number;
  matrix: number;
  fullRange: boolean;
}

export const BT709_LIMITED: ColourCodePoints = { primaries: 1, transfer: 1, matrix: 1, fullRange: false };
