/** Starts a process's services as utility processes, by the messages of ../process/parent-services.ts; they may have their own. */
import { join } from 'node:path';
import { type UtilityProcess, utilityProcess } from 'electron';
import { PARENT_PORT, type ServiceNotice, type ServiceRequest, servicePort } from '../process/parent-services.ts';
import { type ServiceName, serviceFlags } from '../process/service.ts';
import { joinProcesses } from './ports.ts';

export class UtilityServices {
  readonly #mainDirectory: string;
  readonly #parent: UtilityProcess;
  readonly #children = new Map<number, { name: ServiceName; child: UtilityProcess; own: UtilityServices }>();
  /** of each name, the one at work */
  readonly #leaders = new Map<ServiceName, number>();

  /** @param mainDirectory where the bundles lie: out/main */
  constructor(mainDirectory: string, parent: UtilityProcess) {
    this.#mainDirectory = mainDirectory;
    this.#parent = parent;
  }

  request(request: ServiceRequest): void {
    if (request.type === 'service.start') this.#start(request);
    else if (request.type === 'service.kill') this.#kill(request.id, request.signal);
    else this.#lead(request.id);
  }

  /** The service of a name that is at work, or the newest one. */
  find(name: ServiceName): UtilityProcess | null {
    const leader = this.#children.get(this.#leaders.get(name) ?? 0);
    if (leader) return leader.child;
    return [...this.#children.values()].findLast((service) => service.name === name)?.child ?? null;
  }

  killAll(): void {
    for (const { child, own } of this.#children.values()) {
      own.killAll();
      child.kill();
    }
  }

  #start({ id, name, args, env }: Extract<ServiceRequest, { type: 'service.start' }>): void {
    const child = forkService(this.#mainDirectory, name, args, env);
    const own = new UtilityServices(this.#mainDirectory, child);
    this.#children.set(id, { name, child, own });
    child.on('message', (request: ServiceRequest) => own.request(request)); // all else it says to its parent, over the port
    child.on('spawn', () => {
      joinProcesses(child, PARENT_PORT, this.#parent, servicePort(id));
      this.#notify({ type: 'service.started', id, pid: child.pid ?? 0 });
    });
    child.on('exit', (code) => {
      this.#children.delete(id);
      own.killAll();
      this.#notify({ type: 'service.exit', id, code });
    });
  }

  /** `UtilityProcess.kill` asks politely; one that hangs must go at once. */
  #kill(id: number, signal: NodeJS.Signals): void {
    const pid = this.#children.get(id)?.child.pid;
    if (pid !== undefined) process.kill(pid, signal);
  }

  #lead(id: number): void {
    const name = this.#children.get(id)?.name;
    if (name) this.#leaders.set(name, id);
  }

  #notify(notice: ServiceNotice): void {
    this.#parent.postMessage(notice);
  }
}

export function forkService(
  mainDirectory: string,
  name: ServiceName,
  args: string[] = [],
  env: Record<string, string> = {},
): UtilityProcess {
  const flags = serviceFlags(name);
  return utilityProcess.fork(join(mainDirectory, `${name}.js`), args, {
    serviceName: `Tidecast ${name}`,
    // A utility process takes V8's flags by Chromium's switch only: given as they are, they have no effect.
    execArgv: flags.length > 0 ? [`--js-flags=${flags.join(' ')}`] : [],
    env: { ...process.env, ...env },
    stdio: 'inherit',
  });
}
