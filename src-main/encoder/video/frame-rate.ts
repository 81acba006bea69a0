/** 29.97 pictures a second are 30000/1001. */
export function frameRateFraction(frameRate: number): { num: number; den: number } {
  if (Math.abs(frameRate - Math.round(frameRate)) < 1e-3) return { num: Math.round(frameRate), den: 1 };
  const ntsc = (frameRate * 1_001) / 1_000;
  if (Math.abs(ntsc - Math.round(ntsc)) < 1e-2) return { num: Math.round(ntsc) * 1_000, den: 1_001 };
  return { num: Math.round(frameRate * 1_000), den: 1_000 };
}
