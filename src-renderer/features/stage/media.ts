/** The one media engine of this window, fed with the collection and with what the engine asks for. */
import { create } from 'zustand';
import { type AudioInputId, type CompositorStats, FilterRelief, type SourceId } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import { usePreferences } from '../../app/preferences.ts';
import { createStudioMedia } from '../../compositor/create-studio-media.ts';
import type { AudioInputStatus, SourceStatus, StudioMedia } from '../../compositor/studio-media.ts';
import { link } from '../../engine-client/engine.ts';
import { openMedia } from '../../engine-client/media-link.ts';
import { say } from '../activity/notices.ts';
import { useCollection } from '../collection/store.ts';

interface MediaState {
  media: StudioMedia | null;
  sources: ReadonlyMap<SourceId, SourceStatus>;
  inputs: ReadonlyMap<AudioInputId, AudioInputStatus>;
  devices: readonly MediaDeviceInfo[];
  compositor: CompositorStats | null;
  /** another window feeds the encoder instead of this one */
  displaced: boolean;
}

export const useMedia = create<MediaState>(() => ({
  media: null,
  sources: new Map(),
  inputs: new Map(),
  devices: [],
  compositor: null,
  displaced: false,
}));

let starting = false;

/** Starts the media engine with the first collection; later collections are handed on as they change. */
export function followCollection(): void {
  useCollection.subscribe(({ collection }, before) => {
    if (!collection || collection === before.collection) return;
    const { media } = useMedia.getState();
    if (media) media.setCollection(collection);
    else if (!starting) void start().catch(say);
  });
}

async function start(): Promise<void> {
  starting = true;
  const media = await createStudioMedia({
    openMedia: () => openMedia(link),
    assetUrl: (id) => new URL(`assets/${id}`, document.baseURI).href,
    tickStrip: new URLSearchParams(location.search).has('tickStrip'),
  });
  media.onSource((status) => noteSource(status));
  media.onInput((status) => noteInput(status));
  media.onStats(noteCompositor);
  media.onReplaced(() => useMedia.setState({ displaced: true }));
  const refresh = () => void media.devices().then((devices) => useMedia.setState({ devices }));
  media.onDevicesChanged(refresh);
  media.onSource(({ phase }) => phase === 'ready' && refresh()); // labels appear once permission was given
  media.onInput(({ phase }) => phase === 'ready' && refresh());
  refresh();
  const { collection } = useCollection.getState();
  if (collection) media.setCollection(collection);
  followMonitor(media);
  useMedia.setState({ media });
  link.onClient((client) => {
    client.on('media.demand', (demand) => {
      media.setDemand(demand);
      if (!demand) useMedia.setState({ displaced: false });
    });
    client.on('media.reopen', () => takeOver());
    void client.invoke('media.demand').then((demand) => {
      media.setDemand(demand);
      if (demand) takeOver();
    }, say);
  });
}

/** What is monitored is heard where the user wants it; a device that is gone leaves it on the system's. */
function followMonitor(media: StudioMedia): void {
  const apply = ({ monitor }: { monitor: { deviceId: string | null } }) => void media.monitorOn(monitor.deviceId).catch(say);
  apply(usePreferences.getState());
  usePreferences.subscribe((now, before) => void (now.monitor.deviceId !== before.monitor.deviceId && apply(now)));
}

/** This window feeds the encoder from now on; another that does is told that it was displaced. */
export function takeOver(): void {
  useMedia.setState({ displaced: false });
  useMedia.getState().media?.reopen();
}

/** The engine shows them among its own figures; while it is away nobody misses them. */
function noteCompositor(compositor: CompositorStats): void {
  const before = useMedia.getState().compositor?.filterRelief ?? 'none';
  if (compositor.filterRelief !== before) noteRelief(compositor.filterRelief, before);
  useMedia.setState({ compositor });
  const heapBytes = (performance as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize;
  void link.invoke('compositor.report', { ...compositor, ...(heapBytes !== undefined && { heapBytes }) }).catch(() => {});
}

function noteSource(status: SourceStatus): void {
  const before = useMedia.getState().sources.get(status.sourceId);
  useMedia.setState(({ sources }) => ({ sources: new Map(sources).set(status.sourceId, status) }));
  const name = useCollection.getState().collection?.sources.find(({ id }) => id === status.sourceId)?.name;
  if (name && status.failure && before?.failure?.message !== status.failure.message) report(name, status.failure);
}

function noteInput(status: AudioInputStatus): void {
  const before = useMedia.getState().inputs.get(status.inputId);
  useMedia.setState(({ inputs }) => ({ inputs: new Map(inputs).set(status.inputId, status) }));
  const name = useCollection.getState().collection?.audioInputs.find(({ id }) => id === status.inputId)?.name;
  if (name && status.failure && before?.failure?.message !== status.failure.message) report(name, status.failure);
}

/** Only this window sees what its filters give up. */
function noteRelief(relief: FilterRelief, before: FilterRelief): void {
  const isDown = FilterRelief.options.indexOf(relief) > FilterRelief.options.indexOf(before);
  const message = `Filters: ${relief === 'none' ? 'the whole work again' : `less work, ${relief}`}`;
  const event = { kind: 'filter-relief', relief, isDown } as const;
  const level = isDown ? 'warning' : 'info';
  void link.invoke('activity.report', { subject: 'Studio', level, code: null, message, event }).catch(() => {});
}

/** Devices are seen by this window only: the engine's activity list hears of them from here. */
function report(subject: string, { code, message }: Failure): void {
  void link.invoke('activity.report', { subject, level: 'error', code, message }).catch(() => {}); // the row shows it in any case
}
