/** Which other qualities the rehearsal has: as the user chose, made with what a probe has found on this machine. */
import { LadderChoice } from '../../../src-shared/domain/ladder.ts';
import { describeEncoder } from '../../../src-shared/domain/video-encoder.ts';
import type { LadderSettings } from '../../process/server-contract.ts';
import type { EncoderCatalogue } from '../encoder/encoder-catalogue.ts';
import type { Store } from '../store/store.ts';
import type { LiveServerSupervisor } from './live-server-supervisor.ts';

const SETTING = 'server.ladder';

interface Parts {
  store: Pick<Store, 'settings'>;
  encoders: Pick<EncoderCatalogue, 'available' | 'changed'>;
  server: Pick<LiveServerSupervisor, 'setLadder'>;
}

export class LadderSwitch {
  readonly #parts: Parts;
  #choice: LadderChoice;

  private constructor(parts: Parts, choice: LadderChoice) {
    this.#parts = parts;
    this.#choice = choice;
    parts.encoders.changed.on(({ probing }) => probing || this.#tell());
  }

  /** As it was chosen last; auto where nobody has. */
  static async open(parts: Parts): Promise<LadderSwitch> {
    const kept = LadderChoice.safeParse(await parts.store.settings.get(SETTING).catch(() => null));
    const ladder = new LadderSwitch(parts, kept.success ? kept.data : 'auto');
    ladder.#tell();
    return ladder;
  }

  get choice(): LadderChoice {
    return this.#choice;
  }

  /** From now on, and after a restart. Who watches a quality that is none any more has to choose another. */
  async choose(choice: LadderChoice): Promise<void> {
    await this.#parts.store.settings.set(SETTING, choice);
    this.#choice = choice;
    this.#tell();
  }

  #tell(): void {
    this.#parts.server.setLadder(this.#settings);
  }

  get #settings(): LadderSettings | null {
    if (this.#choice === 'off') return null;
    const encoders = this.#parts.encoders.available.filter((name) => describeEncoder(name).codec === 'h264');
    return { rungs: this.#choice, encoders };
  }
}
