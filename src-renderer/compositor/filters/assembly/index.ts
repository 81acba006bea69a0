/**
 * The CPU's kernels of all filters. AssemblyScript: built by build/wasm.mjs into wasm/filters.wasm. A picture is RGBA,
 * four bytes a pixel, rows without gaps, with at least 64 bytes to spare behind it. Addresses are offsets into the
 * imported memory. What a filter does is told in the file of its name, one folder up.
 */
export { runPoints } from './point';
export { convolveColumns, convolveRows, halve, double } from './blur';
export { denoise } from './denoise';
export { lumaOf, sharpen } from './sharpen';
export { temporalDenoise } from './temporal-denoise';
export { over, premultiply, unpremultiply } from './alpha';
