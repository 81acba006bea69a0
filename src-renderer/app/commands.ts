/** Every action of the studio: one name, one shortcut, wherever it is offered. */
import i18next from 'i18next';
import { redoEdit, select, undoEdit, useCollection } from '../features/collection/store.ts';
import { addAudioInput, toggleMuteAll } from '../features/mixer/input-actions.ts';
import { createScene, cutToIndex } from '../features/scenes/scene-actions.ts';
import { goLive, toggleRecording } from '../features/session/actions.ts';
import { addSourceOf, type PlainKind } from '../features/sources/add.ts';
import { duplicateSelected, fitSelected, nudgeSelected, removeSelected } from '../features/sources/item-actions.ts';
import { toggleCropping } from '../features/stage/stage-state.ts';
import { toggleView, usePreferences, useView } from './preferences.ts';

export interface Command {
  id: string;
  label: string;
  /** as shown and as matched: modifiers in the order Ctrl Alt Shift, then KeyboardEvent.key; Ctrl is ⌘ on a Mac */
  shortcut?: string;
  /** may also repeat while the key is held */
  repeats?: boolean;
  run: () => void;
}

const PLAIN_KINDS: readonly PlainKind[] = ['camera', 'screen', 'text', 'colour', 'testCard', 'avTest'];

export function commands(): readonly Command[] {
  const { t } = i18next;
  const scenes = useCollection.getState().collection?.scenes ?? [];
  return [
    { id: 'live', label: t('session.goLive'), shortcut: 'Alt+L', run: goLive },
    { id: 'stop', label: t('session.stop'), run: () => document.querySelector<HTMLElement>('.hold')?.focus() },
    { id: 'record', label: t('record.toggle'), shortcut: 'Alt+R', run: toggleRecording },
    { id: 'mute', label: t('mixer.muteAll'), shortcut: 'Alt+M', run: toggleMuteAll },
    ...scenes.map(({ id, name }, index) => ({
      id: `scene.${id}`,
      label: t('scenes.cutTo', { name }),
      ...(index < 9 ? { shortcut: String(index + 1) } : {}),
      run: () => cutToIndex(index),
    })),
    { id: 'scene.add', label: t('scenes.add'), run: createScene },
    ...PLAIN_KINDS.map((kind) => ({
      id: `add.${kind}`,
      label: t('sources.addKind', { kind: t(`sources.kind.${kind}`) }),
      run: () => addSourceOf(kind),
    })),
    { id: 'mixer.add', label: t('mixer.add'), run: () => addAudioInput('microphone') },
    { id: 'mixer.addDesktop', label: t('mixer.addDesktop'), run: () => addAudioInput('desktop') },
    { id: 'undo', label: t('common.undo'), shortcut: 'Ctrl+Z', repeats: true, run: undoEdit },
    { id: 'redo', label: t('common.redo'), shortcut: 'Ctrl+Shift+Z', repeats: true, run: redoEdit },
    { id: 'duplicate', label: t('sources.duplicate'), shortcut: 'Ctrl+D', run: duplicateSelected },
    { id: 'remove', label: t('sources.remove'), shortcut: 'Delete', run: removeSelected },
    { id: 'fit', label: t('inspector.fit'), shortcut: 'Ctrl+F', run: () => fitSelected('inside') },
    { id: 'cover', label: t('inspector.cover'), run: () => fitSelected('cover') },
    { id: 'ownSize', label: t('inspector.ownSize'), run: () => fitSelected('own') },
    { id: 'crop', label: t('inspector.crop'), shortcut: 'Alt+C', run: toggleCropping },
    { id: 'guides', label: t('settings.guides'), run: () => usePreferences.setState(({ guides }) => ({ guides: !guides })) },
    { id: 'recordings', label: t('recordings.title'), shortcut: 'Ctrl+Shift+R', run: () => toggleView('recordings') },
    { id: 'activity', label: t('activity.title'), run: () => toggleView('activity') },
    { id: 'monitor', label: t('monitor.title'), shortcut: 'Ctrl+Shift+M', run: () => toggleView('monitor') },
    { id: 'rehearsal', label: t('rehearsal.title'), shortcut: 'Alt+N', run: () => toggleView('rehearsal') },
    { id: 'settings', label: t('settings.title'), shortcut: 'Ctrl+,', run: () => toggleView('settings') },
    { id: 'theme', label: t('settings.switchTheme'), run: switchTheme },
    {
      id: 'language',
      label: 'English / 简体中文',
      run: () => usePreferences.setState(({ language }) => ({ language: language === 'en' ? 'zh-CN' : 'en' })),
    },
    { id: 'palette', label: t('palette.title'), shortcut: 'Ctrl+K', run: () => useView.setState(({ palette }) => ({ palette: !palette })) },
  ];
}

export function switchTheme(): void {
  usePreferences.setState({ theme: useView.getState().dark ? 'light' : 'dark' });
}

/** Ctrl+Shift+Z for an event, in the form of `Command.shortcut`. */
function shortcutOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  return [event.ctrlKey || event.metaKey ? 'Ctrl+' : '', event.altKey ? 'Alt+' : '', event.shiftKey ? 'Shift+' : '', key].join('');
}

const NUDGES: Record<string, readonly [x: number, y: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** One listener for the window. Typing in a field keeps its keys, except for those with Ctrl or Alt that fields do not use. */
export function listenForShortcuts(): void {
  window.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) return;
    const target = event.target as HTMLElement;
    const typing = target.closest('input:not([type=color]):not([type=range]), textarea, select, [cmdk-root]') !== null;
    const shortcut = shortcutOf(event);
    if (typing && (!(event.ctrlKey || event.metaKey || event.altKey) || shortcut.endsWith('Z') || shortcut === 'Ctrl+D')) return;
    const command = commands().find(
      (one) =>
        one.shortcut === shortcut || (shortcut === 'Ctrl+Y' && one.id === 'redo') || (shortcut === 'Backspace' && one.id === 'remove'),
    );
    if (command && (!event.repeat || command.repeats)) {
      event.preventDefault();
      return command.run();
    }
    if (shortcut === 'Escape') return select(null);
    const nudge = NUDGES[event.key];
    const elsewhere =
      target.closest('input[type=range], [role=slider], [role=separator], [role=menu], [role=tablist], [role=tab]') !== null;
    if (!nudge || elsewhere || event.ctrlKey || event.altKey || !useCollection.getState().selectedId) return;
    event.preventDefault();
    const step = event.shiftKey ? 10 : 1;
    nudgeSelected(nudge[0] * step, nudge[1] * step);
  });
}
