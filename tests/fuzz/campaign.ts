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

/** Half of the time goes to the parsers, half to the server. @throws what was found */
export async function runCampaign({
  seconds,
  seed,
  keepNew = false,
  say,
}: Campaign): Promise<{ parsers: Map<string, FuzzReport>; server: AttackReport }> {
  const parsers = new Map<string, FuzzReport>();
  for (const target of TARGETS) {
    const report = fuzz(target, { seed, untilMs: (seconds * 500) / TARGETS.length, keepNew });
    parsers.set(target.name, report);
    say(`${target.name}: ${report.runs} inputs, ${report.outcomes.size} outcomes, slowest ${report.slowestMs.toFixed(0)} ms`);
  }
  const webSockets = await attackWebSockets({ seed, runs: Math.round(seconds * WEB_SOCKETS_PER_S) });
  say(`websocket: ${webSockets.messages} messages came through`);
  const server = await startAttackedServer(['live']);
  try {
    const report = await attack(server, { seed, forMs: seconds * 500 });
    say(
      `server: ${report.connections} connections, at most ${report.rssMiBMax.toFixed(0)} MiB, health in ${report.slowestHealthMs.toFixed(0)} ms`,
    );
    return { parsers, server: report };
  } finally {
    server.child.kill('SIGKILL');
  }
}
