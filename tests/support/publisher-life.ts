/** What may befall a publisher, by hand. */
import { INITIAL, type Machine, type PublisherEvent, type StateRules, type Wants } from '../../src-main/engine/publish/machine.ts';
import { next, wants } from '../../src-main/engine/publish/state.ts';
import type { Ingest } from '../../src-shared/domain/index.ts';
import type { Failure } from '../../src-shared/errors.ts';

export const S = 1_000_000;
export const ALONE: StateRules = { backoffFirstMs: 1_000, backoffMaxMs: 30_000, stableMs: 10_000, graceMs: 90_000, hasBackup: false };
export const PAIR: StateRules = { ...ALONE, hasBackup: true };
export const protocol: Failure = { code: 'rtmp.protocol', message: 'no' };
export const reset: Failure = { code: 'network.reset', message: 'no' };
export const stalled: Failure = { code: 'rtmp.stalled', message: 'no' };
export const unreachable: Failure = { code: 'network.unreachable', message: 'no' };
export const rejected: Failure = { code: 'rtmp.rejected', message: 'no' };

/** A machine that is led through its life; an attempt's outcome is that of the newest. */
export class Life {
  machine: Machine = INITIAL;
  readonly rules: StateRules;

  constructor(rules: StateRules = ALONE) {
    this.rules = rules;
    this.step({ type: 'start' });
  }
  step(event: PublisherEvent): this {
    this.machine = next(this.machine, event, this.rules);
    return this;
  }
  connected(atS = 0): this {
    return this.step({ type: 'connected', attemptId: this.machine.attemptId, nowUs: atS * S });
  }
  /** the attempt: the port answered, the server did not want us */
  refused(atS = 0, failure = protocol): this {
    return this.step({ type: 'failed', attemptId: this.machine.attemptId, nowUs: atS * S, failure, answered: true, jitter: 0.5 });
  }
  /** the attempt: nothing answered */
  silent(atS = 0, failure = unreachable): this {
    return this.step({ type: 'failed', attemptId: this.machine.attemptId, nowUs: atS * S, failure, answered: false, jitter: 0.5 });
  }
  lost(atS: number, failure = reset): this {
    return this.step({ type: 'lost', nowUs: atS * S, failure, jitter: 0.5 });
  }
  answered(atS: number, ingest: Ingest = 'primary'): this {
    return this.step({ type: 'answered', nowUs: atS * S, ingest });
  }
  moved(atS: number, url: string | null = null): this {
    return this.step({ type: 'moved', nowUs: atS * S, url, jitter: 0.5 });
  }
  fellBack(atS: number): this {
    return this.step({ type: 'fell-back', nowUs: atS * S, failure: reset, jitter: 0.5 });
  }
  retry(): this {
    return this.step({ type: 'retry' });
  }
  due(): this {
    return this.step({ type: 'due' });
  }
  get state() {
    return this.machine.state;
  }
  get wants(): Wants {
    return wants(this.machine);
  }
}
