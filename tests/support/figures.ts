/** Figures that acceptance tests report: `npm run accept` puts them beside the test's name in docs/acceptance.md. */
import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';

/**
 * Reports a figure measured by the running test.
 * @param unit as people read it: 'ms', 'dB', '%', or '' for a count
 */
export function recordFigure(name: string, value: number, unit = ''): void {
  // vitest joins suites and test with ' > ', its report with a space
  const test = (expect.getState().currentTestName ?? '').replaceAll(' > ', ' ');
  const rounded = Number(value.toPrecision(6));
  console.log(`${name}: ${rounded} ${unit}`.trimEnd());
  const file = process.env.TIDECAST_FIGURES;
  if (file) appendFileSync(file, `${JSON.stringify({ test, name, value: rounded, unit })}\n`);
}
