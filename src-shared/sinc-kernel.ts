/** Windowed-sinc weights for reading between samples. Pure. */

/**
 * Row p of `phases` + 1 holds the `taps` weights for a place p/phases after sample taps/2 - 1; weights between two rows are
 * interpolated. Each row adds up to 1. Row 0 of a kernel with the full band passes samples unchanged.
 * @param cutoff the band that is kept, as a share of half the sample rate; below 1 where fewer samples come out than go in
 * @see Kaiser window: Oppenheim, Schafer, Discrete-Time Signal Processing, 7.5.3
 */
export function sincKernel(taps: number, phases: number, cutoff = 1): Float32Array {
  const kernel = new Float32Array((phases + 1) * taps);
  for (let row = 0; row <= phases; row++) {
    const weights = Array.from({ length: taps }, (_, tap) => windowedSinc(tap - (taps / 2 - 1) - row / phases, taps, cutoff));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    kernel.set(
      weights.map((weight) => weight / sum),
      row * taps,
    );
  }
  return kernel;
}

function windowedSinc(x: number, taps: number, cutoff: number): number {
  const edge = x / (taps / 2);
  if (Math.abs(edge) >= 1) return 0;
  const sinc = x === 0 ? 1 : Math.sin(Math.PI * cutoff * x) / (Math.PI * cutoff * x);
  return sinc * (bessel0(8 * Math.sqrt(1 - edge * edge)) / bessel0(8));
}

/** The modified Bessel function of order 0, by its series. */
function bessel0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 30; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
