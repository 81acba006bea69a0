import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ClusterRequest, parseClusterArguments, writeCluster } from './command.ts';

const KEY = 'abcdefgh12345678';
const machines = ['--origin', '10.0.0.1', '--edge', '10.0.0.2', '--edge', '10.0.0.3'];
const request = (to: string) => parseClusterArguments(['--to', to, ...machines, '--key', KEY]) as ClusterRequest;
const texts = (to: string) => request(to).plan.files.map(({ text }) => text) as [string, string];

test('nginx-rtmp: the origin pushes to every edge, and lets in who has the key; an edge lets in the origin alone', () => {
  const [origin, edge] = texts('nginx-rtmp');
  expect(origin).toContain('push rtmp://10.0.0.2:1935/live;');
  expect(origin).toContain('push rtmp://10.0.0.3:1935/live;');
  expect(origin).toContain(`if ($arg_key = "${KEY}") { return 200; }`);
  expect(edge).toContain('allow publish 10.0.0.1;\n      deny publish all;');
});

test('SRS: the edges fetch from the origin, and only they may play there', () => {
  const [origin, edge] = texts('srs');
  expect(origin).toContain('allow play 10.0.0.2;\n    allow play 10.0.0.3;\n    deny play all;');
  expect(edge).toContain('mode remote;\n    origin 10.0.0.1:1935;');
  expect(edge).toContain('deny publish all;');
});

test('MediaMTX: publishing needs the key, replicas read on demand', () => {
  const [origin, replica] = texts('mediamtx');
  expect(origin).toContain(`pass: ${KEY}`);
  expect(origin).toContain("ips: ['10.0.0.2', '10.0.0.3']");
  expect(replica).toContain('source: rtsp://10.0.0.1:8554/show\n    sourceOnDemand: yes');
});

test.each(['nginx-rtmp', 'srs', 'mediamtx'])('%s: the steps say what to forward to, and where to watch', (to) => {
  const steps = request(to).plan.steps.join('\n');
  expect(steps).toMatch(/--forward "NAME=rtmp:\/\/10\.0\.0\.1:1935\//);
  expect(steps).toContain('http://10.0.0.2:');
});

test('a key is made up where none is given', () => {
  const made = () => JSON.stringify((parseClusterArguments(['--to', 'srs', ...machines]) as ClusterRequest).plan);
  expect(made()).not.toBe(made());
});

test.each([
  [['--to', 'apache', ...machines], '--to takes'],
  [['--to', 'toString', ...machines], '--to takes'],
  [['--to', 'srs', '--origin', 'a;b', '--edge', '10.0.0.2'], '--origin takes'],
  [['--to', 'srs', '--origin', '10.0.0.1'], '--edge takes'],
  [['--to', 'srs', ...machines, '--key', 'short'], '--key takes'],
  [['--to', 'srs', ...machines, '--key', 'abcdefgh12345678"; }'], '--key takes'],
  [['--nonsense'], 'nonsense'],
])('%j is refused', (args, problem) => {
  expect(parseClusterArguments(args)).toContain(problem);
});

test('files with the key are readable by their owner alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-'));
  const said = writeCluster({ ...request('srs'), out: join(folder, 'deep') });
  const file = join(folder, 'deep/origin.conf');
  expect(readFileSync(file, 'utf8')).toBe(texts('srs')[0]);
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(said).toContain('origin.conf, edge.conf');
  rmSync(folder, { recursive: true });
});
