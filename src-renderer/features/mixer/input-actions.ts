import i18next from 'i18next';
import { AudioInput, AudioInputId } from '../../../src-shared/domain/index.ts';
import { addInput, changeInput } from '../collection/edits.ts';
import { edit, useCollection } from '../collection/store.ts';

export function addAudioInput(kind: AudioInput['kind']): void {
  const id = AudioInputId.parse(crypto.randomUUID());
  edit(addInput(AudioInput.parse({ id, kind, name: i18next.t(`mixer.${kind}`), deviceId: null })));
}

/** Mutes every strip, or opens all when all are muted. */
export function toggleMuteAll(): void {
  const inputs = useCollection.getState().collection?.audioInputs ?? [];
  const muted = inputs.some((input) => !input.muted);
  edit((collection) => inputs.reduce((now, { id }) => changeInput(id, { muted })(now), collection), 'mute-all');
}
