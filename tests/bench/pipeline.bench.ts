/** `npm run bench:pipeline`: what a picture of scene S costs from the compositor to the socket. See docs/bench.md. */
import { PIPELINE_BOUNDS } from './bounds.ts';
import { type BenchCase, type BenchRow, formatTable, type Measurement, runBench } from './harness.ts';
import { measureEncodeRatio } from './pipeline-encode.ts';
import { measureShow, type ShowSize } from './pipeline-show.ts';
import { judgedTable, withinBounds } from './verdicts.ts';

const SHOW = { warmUpMs: 5_000, windowMs: 30_000 };
/** a look: of the engine's percentiles over 300 pictures, seven seconds */
const QUICK_SHOW = { warmUpMs: 2_000, windowMs: 5_000 };
/** A show lasts hours: V8 has compiled what runs all the time only after some ten seconds of it. */
const RATIO = { warmUpS: 10, windowS: 8, windows: 5 };
const QUICK_RATIO = { warmUpS: 2, windowS: 2, windows: 1 };

function pipelineCase(name: string, size: ShowSize): BenchCase {
  return {
    name,
    async run({ quick, round }) {
      const measurements = await measureShow(size, quick ? QUICK_SHOW : SHOW);
      // its windows are within one run, and one set of them is enough
      const ratio = round === 0 ? await encodeCpuRatio(name, size, quick) : [];
      return [...measurements, ...ratio];
    },
  };
}

/** None where it cannot be measured: no /proc, or a machine too busy to feed both sides in time. */
async function encodeCpuRatio(name: string, size: ShowSize, quick: boolean): Promise<Measurement[]> {
  try {
    const { aloneRatio, processRatio } = await measureEncodeRatio(size, quick ? QUICK_RATIO : RATIO);
    return [
      { metric: 'encodeCpuRatio', value: aloneRatio, unit: '×' },
      { metric: 'encoderProcessCpuRatio', value: processRatio, unit: '×' },
    ];
  } catch (error) {
    console.error(`${name}: no encodeCpuRatio. ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

const judged = (rows: BenchRow[]) => withinBounds(rows, PIPELINE_BOUNDS);

const { rows, quick } = await runBench({
  name: 'pipeline',
  cases: [
    pipelineCase('s@720p30', { widthPx: 1_280, heightPx: 720, frameRate: 30, bitrateKbps: 2_500 }),
    pipelineCase('s@1080p30', { widthPx: 1_920, heightPx: 1_080, frameRate: 30, bitrateKbps: 5_000 }),
  ],
  format: (table, isQuick) => judgedTable(formatTable(table), judged(table), isQuick),
});
// a quick run is mostly warm-up
if (!quick && judged(rows).some(({ holds }) => !holds)) process.exitCode = 1;
