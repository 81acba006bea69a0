/** A whole run: every parser within this process, then the server's process and the WebSocket listener over sockets. */
import { type AttackReport, attack, startAttackedServer } from './attack.ts';
import { type FuzzReport, fuzz } from './fuzz.ts';
import { TARGETS } from './targets.ts';
import { attackWebSockets } from './web-socket-attack.ts';

export interface Campaign {
  seconds: number;
  seed: number;
  /** writes inputs with new outcomes to tests/fixtures/fuzz */
  keepNew?: boolean;
  say(line: string): void;
}

/** WebSocket runs for each second: each is a connection */
const WEB_SOCKETS_PER_S = 10;

/** Each parser within this process, for the same time. @throws what was found */
export function fuzzParsers({ seconds, seed, keepNew = false, say }: Campaign): Map<string, FuzzReport> {
  const reports = new Map<string, FuzzReport>();
  for (const target of TARGETS) {
    const report = fuzz(target, { seed, untilMs: (seconds * 1_000) / TARGETS.length, keepNew });
    reports.set(target.name, report);
    say(`${target.name}: ${report.runs} inputs, ${report.outcomes.size} outcomes, slowest ${report.slowestMs.toFixed(0)} ms`);
  }
  return reports;
}

/** Half of the time goes to the parsers, a quarter to the server, and one to the server over TLS. @throws what was found */
export async function runCampaign({
  seconds,
  seed,
  keepNew = false,
  say,
}: Campaign): Promise<{ parsers: Map<string, FuzzReport>; servers: AttackReport[] }> {
  const parsers = fuzzParsers({ seconds: seconds / 2, seed, keepNew, say });
  const webSockets = await attackWebSockets({ seed, runs: Math.round(seconds * WEB_SOCKETS_PER_S) });
  say(`websocket: ${webSockets.messages} messages came through`);
  const servers: AttackReport[] = [];
  for (const secure of [false, true]) {
    const server = await startAttackedServer(['live'], { secure });
    try {
      const report = await attack(server, { seed, forMs: seconds * 250 });
      const { connections, rssMiBMax, slowestHealthMs } = report;
      const figures = `${connections} connections, at most ${rssMiBMax.toFixed(0)} MiB, health in ${slowestHealthMs.toFixed(0)} ms`;
      say(`server${secure ? ' over TLS' : ''}: ${figures}`);
      servers.push(report);
    } finally {
      server.child.kill('SIGKILL');
    }
  }
  return { parsers, servers };
}
