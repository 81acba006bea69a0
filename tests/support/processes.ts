/** Which processes run, by what `ps` says. Linux and macOS. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RunningProcess {
  pid: number;
  parentPid: number;
  args: string;
}

/** All but the dead whom nobody has asked after yet. */
export function runningProcesses(): RunningProcess[] {
  return execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .flatMap((match) =>
      match && !match[3]?.startsWith('Z') ? [{ pid: Number(match[1]), parentPid: Number(match[2]), args: match[4] ?? '' }] : [],
    );
}

/** A process's children, their children, and so on. */
export function descendants(pid: number, among = runningProcesses()): RunningProcess[] {
  const children = among.filter(({ parentPid }) => parentPid === pid);
  return children.flatMap((child) => [child, ...descendants(child.pid, among)]);
}

/** Waits until none of them runs. @returns those that still do after `timeoutMs` */
export async function untilGone(processes: RunningProcess[], timeoutMs: number): Promise<RunningProcess[]> {
  const late = performance.now() + timeoutMs;
  const pids = new Set(processes.map(({ pid }) => pid));
  for (;;) {
    const left = runningProcesses().filter(({ pid }) => pids.has(pid));
    if (left.length === 0 || performance.now() > late) return left;
    await sleep(100);
  }
}
