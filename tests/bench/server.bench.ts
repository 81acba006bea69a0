/**
 * `npm run bench:server`: 200 viewers of 1 Mbps on each server, and then 200 of which 50 read at a tenth of the rate.
 * See docs/bench.md.
 */
import { hasNginxRtmp } from '../support/rtmp-peers.ts';
import { type BenchCase, formatTable, type Measurement, runBench } from './harness.ts';
import { type LoadResult, makeClip, measureLoad, type Side, startNginx, startNodeMedia, startTidecast } from './server-sides.ts';
import { type ServerCurve, serverVerdicts } from './server-verdicts.ts';
import { formatVerdicts } from './verdicts.ts';

const VIEWERS = 200;
const SLOW = 50;
const SLOW_BYTES_PER_S = 12_500;
const FULL = { settleS: 8, windowS: 20, slowS: 120 };
const QUICK = { settleS: 2, windowS: 6, slowS: 8 };

const clip = await makeClip();
const curves: ServerCurve[] = [];
const isQuick = process.argv.includes('--quick');

/** @param prefix of the metrics of a second protocol */
async function crowd(side: Side, url: string, { settleS, windowS }: typeof FULL, prefix: '' | 'rtmp' = ''): Promise<Measurement[]> {
  const load = { url, viewers: VIEWERS, slow: 0, slowBytesPerS: 0, settleS, windowS };
  const result = await measureLoad(side, clip.file, load);
  const name = (metric: string) => (prefix ? prefix + metric[0]?.toUpperCase() + metric.slice(1) : metric);
  return [
    { metric: name('viewersPerCore'), value: VIEWERS / (result.cpuMs / 1_000 / result.windowS), unit: '' },
    { metric: name('rssPerViewerKiB'), value: (result.rssKiB.after - result.rssKiB.before) / VIEWERS, unit: 'KiB' },
    { metric: name('viewerKbps'), value: (result.report.bytes * 8) / 1_000 / result.windowS / VIEWERS, unit: 'kbps' },
    { metric: name('stalls'), value: result.report.stalls + result.report.lost, unit: '' },
  ];
}

async function withSlow(server: string, side: Side, url: string, { slowS }: typeof FULL): Promise<Measurement[]> {
  const load = { url, viewers: VIEWERS, slow: SLOW, slowBytesPerS: SLOW_BYTES_PER_S, settleS: 0, windowS: slowS };
  const result: LoadResult = await measureLoad(side, clip.file, load);
  const { curveMiB, report } = result;
  curves.push({ server, curveMiB });
  return [
    { metric: 'slowViewerRssMiB', value: curveMiB.at(-1) ?? 0, unit: 'MiB' },
    { metric: 'slowGrowthMiB', value: (curveMiB.at(-1) ?? 0) - (curveMiB[Math.floor(curveMiB.length / 2)] ?? 0), unit: 'MiB' },
    { metric: 'slowOthersKbps', value: (report.bytes * 8) / 1_000 / result.windowS / (VIEWERS - SLOW), unit: 'kbps' },
    { metric: 'slowOthersStalls', value: report.stalls, unit: '' },
  ];
}

/** Each load has a server of its own, so that no load finds what the one before left behind. */
async function on(start: () => Promise<Side>, measure: (side: Side) => Promise<Measurement[]>): Promise<Measurement[]> {
  const side = await start();
  try {
    return await measure(side);
  } finally {
    await side.close();
  }
}

const cases: BenchCase[] = [
  {
    name: 'tidecast',
    async run({ quick, round }) {
      const times = quick ? QUICK : FULL;
      const flv = (side: Side) => side.flvUrl as string;
      return [
        ...(await on(startTidecast, (side) => crowd(side, flv(side), times))),
        ...(await on(startTidecast, (side) => crowd(side, side.rtmpUrl, times, 'rtmp'))),
        ...(round === 0 ? await on(startTidecast, (side) => withSlow('tidecast', side, flv(side), times)) : []),
      ];
    },
  },
  {
    name: 'node-media-server',
    async run({ quick, round }) {
      const times = quick ? QUICK : FULL;
      const flv = (side: Side) => side.flvUrl as string;
      return [
        ...(await on(startNodeMedia, (side) => crowd(side, flv(side), times))),
        ...(round === 0 ? await on(startNodeMedia, (side) => withSlow('node-media-server', side, flv(side), times)) : []),
      ];
    },
  },
];
if (hasNginxRtmp())
  cases.push({
    name: 'nginx-rtmp',
    run: ({ quick }) => on(startNginx, (side) => crowd(side, side.rtmpUrl, quick ? QUICK : FULL, 'rtmp')),
  });
else console.error('nginx-rtmp: skipped, nginx with its RTMP module is not installed.');

const curveLine = ({ server, curveMiB }: ServerCurve) =>
  `  ${server.padEnd(18)} ${curveMiB.map((mib) => mib.toFixed(0).padStart(5)).join('')}`;
const judged = (rows: Parameters<typeof serverVerdicts>[0]) => serverVerdicts(rows, curves, isQuick);
try {
  const { rows } = await runBench({
    name: 'server',
    cases,
    format: (all) =>
      [
        formatTable(all),
        `Memory of the server in MiB while ${SLOW} of ${VIEWERS} viewers read a tenth, over ${(isQuick ? QUICK : FULL).slowS} s:`,
        curves.map(curveLine).join('\n'),
        'What is asked of tidecast:',
        formatVerdicts(judged(all)),
      ].join('\n\n'),
  });
  if (judged(rows).some(({ holds }) => !holds)) process.exitCode = 1;
} finally {
  clip.remove();
}
