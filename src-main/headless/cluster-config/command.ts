/** `tidecast cluster-config`: configurations of servers that carry a show to more viewers than one machine can. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Cluster, ClusterPlan } from './cluster.ts';
import { mediamtx } from './mediamtx.ts';
import { nginxRtmp } from './nginx-rtmp.ts';
import { srs } from './srs.ts';

const SYSTEMS: Readonly<Record<string, (cluster: Cluster) => ClusterPlan>> = { srs, mediamtx, 'nginx-rtmp': nginxRtmp };

export const CLUSTER_USAGE = `tidecast cluster-config --to ${Object.keys(SYSTEMS).join('|')} --origin ADDRESS --edge ADDRESS [--edge ADDRESS …]
                        [--key KEY] [--out DIR]

Writes configurations for an origin, which the show is forwarded to, and edges, which viewers watch at.

  --to        the servers' program
  --origin    IP address of the origin
  --edge      IP address of an edge; may be given several times
  --key       16 to 64 letters and digits; a new random one unless given
  --out       the folder to write to; without it everything is printed
`;

export interface ClusterRequest {
  plan: ClusterPlan;
  out: string | null;
}

/** @returns what to write, or what is wrong with the arguments; an empty text asks for the usage alone */
export function parseClusterArguments(args: string[]): ClusterRequest | string {
  let values: { to?: string; origin?: string; edge?: string[]; key?: string; out?: string; help?: boolean };
  try {
    values = parseArgs({
      args,
      options: {
        to: { type: 'string' },
        origin: { type: 'string' },
        edge: { type: 'string', multiple: true },
        key: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    return (error as Error).message;
  }
  if (values.help) return '';
  const system = Object.hasOwn(SYSTEMS, values.to ?? '') ? SYSTEMS[values.to ?? ''] : undefined;
  if (!system) return `--to takes ${Object.keys(SYSTEMS).join(', ')}.`;
  const { origin = '', edge: edges = [], key = randomBytes(16).toString('hex') } = values;
  // the files compare addresses and keys as text: nothing else may stand in them
  if (isIP(origin) !== 4) return '--origin takes an IPv4 address.';
  if (edges.length === 0 || edges.some((edge) => isIP(edge) !== 4)) return '--edge takes an IPv4 address, at least once.';
  if (!/^[A-Za-z0-9]{16,64}$/.test(key)) return '--key takes 16 to 64 letters and digits.';
  return { plan: system({ origin, edges, key }), out: values.out ?? null };
}

/** @throws Error of the file system. @returns what to print */
export function writeCluster({ plan: { files, steps }, out }: ClusterRequest): string {
  const next = steps.map((step, i) => `${i + 1}. ${step}`).join('\n');
  if (out === null) return `${files.map(({ name, text }) => `# ---- ${name}\n${text}`).join('\n')}\n${next}`;
  mkdirSync(out, { recursive: true });
  for (const { name, text } of files) writeFileSync(join(out, name), text, { mode: 0o600 }); // a key is in them
  return `Written to ${out}: ${files.map(({ name }) => name).join(', ')}\n\n${next}`;
}
