/** Network namespaces of a test run: named after the process that made them, so that those of a run that crashed are found and removed. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const PREFIX = 'tclab';
let made = 0;

/** @returns why there can be no namespaces here; null when there can */
export function whyNoNamespaces(): string | null {
  if (process.platform !== 'linux') return 'network namespaces are a feature of Linux';
  if (process.getuid?.() !== 0) return 'making network namespaces takes root';
  if (!existsSync('/dev/net/tun')) return 'this machine has no /dev/net/tun';
  try {
    using probe = new Namespace('probe');
    probe.run('ip', 'link', 'show', 'lo');
    return null;
  } catch (error) {
    return `the system made no network namespace: ${(error as Error).message.split('\n')[0]}`;
  }
}

export class Namespace implements Disposable {
  readonly name: string;

  constructor(label: string) {
    sweepNamespaces();
    this.name = `${PREFIX}-${process.pid}-${startTicks(process.pid)}-${made++}-${label}`;
    execFileSync('ip', ['netns', 'add', this.name], { stdio: 'pipe' });
    this.run('ip', 'link', 'set', 'lo', 'up');
  }

  /** Runs a command inside. @returns what it printed @throws with what it complained of */
  run(...command: string[]): string {
    return execFileSync('ip', this.command(...command), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Arguments for `ip` that run a command inside. */
  command(...command: string[]): string[] {
    return ['netns', 'exec', this.name, ...command];
  }

  [Symbol.dispose](): void {
    remove(this.name);
  }
}

/** Removes what runs that crashed have left behind. */
export function sweepNamespaces(): void {
  for (const name of listNamespaces()) {
    const [, pid, ticks] = name.split('-');
    if (startTicks(Number(pid)) !== ticks) remove(name);
  }
}

export function listNamespaces(): string[] {
  const listing = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  return listing
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.startsWith(`${PREFIX}-`));
}

/** What still runs inside is ours: nobody else knows the name. */
function remove(name: string): void {
  if (!listNamespaces().includes(name)) return;
  const pids = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).split('\n').filter(Boolean);
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
  execFileSync('ip', ['netns', 'del', name]);
}

/** When a process began: with its number, that is one process for ever. Empty when there is none. @see proc(5), /proc/pid/stat, field 22 */
function startTicks(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
