/** The machine that figures were measured on. */
import os from 'node:os';
import { run } from './run.mjs';
import { findChromium } from './tools.mjs';

/** @typedef {{ cpu: string, cores: number, ramGb: number, os: string, node: string, chromium: string | null }} Machine */

/** @returns {Promise<Machine>} */
export async function describeMachine() {
  const chromium = findChromium();
  const version = chromium
    ? (await run(chromium, ['--version', '--no-sandbox'], { quiet: true, timeoutMs: 10_000 })).output.match(/\d+(?:\.\d+){3}/)
    : null;
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    ramGb: Math.round(os.totalmem() / 1024 ** 3),
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    chromium: version?.[0] ?? null,
  };
}

/** @param {Machine} machine */
export const machineLine = ({ cpu, cores, ramGb, os: system, node, chromium }) =>
  `${cpu}, ${cores} cores, ${ramGb} GB, ${system}, Node ${node}, ${chromium ? `Chromium ${chromium}` : 'no Chromium'}`;
