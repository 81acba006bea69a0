/**
 * Services that the parent starts for us: an engine in an Electron utilityProcess cannot start one itself, the shell
 * can. Messages and ports between engine and shell:
 *
 *   engine → shell  { type: 'service.start', id, name, args, env }   start a utilityProcess for `name`; `env` holds
 *                                                                    TIDECAST_PARENT=port, which must reach the child
 *   shell → child   port labelled 'parent'        ┐ the two ends of one new channel: engine and child talk over it
 *   shell → engine  port labelled 'service:<id>'  ┘ directly, so that media packets do not pass through the shell
 *   shell → engine  { type: 'service.started', id, pid }
 *   engine → shell  { type: 'service.kill', id, signal }             SIGKILL must end a process that hangs
 *   engine → shell  { type: 'service.lead', id }                     of its name, this is the one that pages are joined to
 *   shell → engine  { type: 'service.exit', id, code }               once, also when the start fails
 *
 * A port travels as parent.ts reads it: a message { tidecastPort: label } with the port beside it.
 */
import { Emitter, type Unsubscribe } from '../../src-shared/disposable.ts';
import type { Channel } from '../../src-shared/ipc/channel.ts';
import type { Parent } from './parent.ts';
import type { Service, ServiceHost, ServiceName } from './service.ts';

export type ServiceRequest =
  | { type: 'service.start'; id: number; name: ServiceName; args: string[]; env: Record<string, string> }
  | { type: 'service.kill'; id: number; signal: NodeJS.Signals }
  | { type: 'service.lead'; id: number };

export type ServiceNotice =
  | { type: 'service.started'; id: number; pid: number }
  | { type: 'service.exit'; id: number; code: number | null };

/** Tells a child that its parent speaks through the port labelled PARENT_PORT. */
export const PARENT_PORT_ENV = { TIDECAST_PARENT: 'port' };
export const PARENT_PORT = 'parent';
export const servicePort = (id: number) => `service:${id}`;

export class ParentServiceHost implements ServiceHost {
  readonly #parent: Pick<Parent<ServiceRequest, never>, 'send'>;
  readonly #services = new Map<number, PortService<unknown, unknown>>();
  #nextId = 1;

  /** @param parent its messages and ports must be passed to `notice` and `port` */
  constructor(parent: Pick<Parent<ServiceRequest, never>, 'send'>) {
    this.#parent = parent;
  }

  start<Out, In>(name: ServiceName, options: { args?: string[]; env?: Record<string, string> } = {}): Service<Out, In> {
    const id = this.#nextId++;
    const service = new PortService<Out, In>({
      kill: (signal) => this.#parent.send({ type: 'service.kill', id, signal }),
      lead: () => this.#parent.send({ type: 'service.lead', id }),
    });
    this.#services.set(id, service as PortService<unknown, unknown>);
    this.#parent.send({ type: 'service.start', id, name, args: options.args ?? [], env: { ...options.env, ...PARENT_PORT_ENV } });
    return service;
  }

  notice(notice: ServiceNotice): void {
    const service = this.#services.get(notice.id);
    if (notice.type === 'service.started') service?.started(notice.pid);
    else {
      this.#services.delete(notice.id);
      service?.exited(notice.code);
    }
  }

  /** @returns whether the port belongs to a service */
  port(label: string, channel: Channel): boolean {
    for (const [id, service] of this.#services) {
      if (label !== servicePort(id)) continue;
      service.connected(channel);
      return true;
    }
    return false;
  }
}

class PortService<Out, In> implements Service<Out, In> {
  readonly #orders: { kill: (signal: NodeJS.Signals) => void; lead: () => void };
  readonly #messages = new Emitter<In>();
  readonly #exits = new Emitter<{ code: number | null; signal: string | null }>();
  #channel: Channel | null = null;
  #unsent: Out[] = [];
  #exited: { code: number | null; signal: string | null } | null = null;
  pid: number | undefined;

  constructor(orders: { kill: (signal: NodeJS.Signals) => void; lead: () => void }) {
    this.#orders = orders;
  }

  send(message: Out): void {
    if (this.#channel) this.#channel.sendJson(message);
    else this.#unsent.push(message);
  }

  onMessage(listener: (message: In) => void): Unsubscribe {
    return this.#messages.on(listener);
  }

  onExit(listener: (how: { code: number | null; signal: string | null }) => void): Unsubscribe {
    if (this.#exited) listener(this.#exited);
    return this.#exits.on(listener);
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#orders.kill(signal);
  }

  lead(): void {
    this.#orders.lead();
  }

  started(pid: number): void {
    this.pid = pid;
  }

  connected(channel: Channel): void {
    this.#channel = channel;
    channel.onMessage((message) => message.kind === 'json' && this.#messages.emit(message.value as In));
    for (const message of this.#unsent.splice(0)) channel.sendJson(message);
  }

  exited(code: number | null): void {
    this.#exited = { code, signal: null };
    this.#exits.emit(this.#exited);
  }
}
