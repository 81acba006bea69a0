import { createStudioMedia } from '../../../src-renderer/compositor/create-studio-media.ts';
import type { MediaConnection, StudioMedia } from '../../../src-renderer/compositor/studio-media.ts';
import type { SourceId } from '../../../src-shared/domain/index.ts';
import { runFilters } from './filter-page.ts';
import type { FromPage, ToPage } from './protocol.ts';

const control = new WebSocket(`ws://${location.host}/control`);
const tell = (message: FromPage) => control.send(JSON.stringify(message));
const waiting = new Map<number, (connection: MediaConnection) => void>();
let media: StudioMedia | null = null;
let requestId = 0;

addEventListener('error', ({ message }) => tell({ type: 'error', message }));
addEventListener('unhandledrejection', ({ reason }) => tell({ type: 'error', message: String(reason) }));
control.onopen = () => tell({ type: 'loaded' });
control.onmessage = ({ data }) => handle(JSON.parse(data));

function handle(message: ToPage): void {
  switch (message.type) {
    case 'start':
      return start(message);
    case 'collection':
      return media?.setCollection(message.collection);
    case 'demand':
      return media?.setDemand(message.demand);
    case 'reopen':
      return media?.reopen();
    case 'retry-source':
      return media?.retrySource(message.sourceId as SourceId);
    case 'filter':
      return void runFilters(message).then((result) => tell({ type: 'filtered', jobId: message.jobId, ...result }));
    case 'connection':
      return waiting.get(message.requestId)?.({ kind: 'webSocket', url: message.url, token: message.token });
    default:
      return message satisfies never;
  }
}

function start({ options, preview }: Extract<ToPage, { type: 'start' }>): void {
  media = createStudioMedia({
    ...options,
    openMedia(role) {
      const id = ++requestId;
      tell({ type: 'connect', requestId: id, role });
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    assetUrl: (assetId) => `assets/${assetId}`,
  });
  media.onSource((status) => tell({ type: 'source', status }));
  media.onInput((status) => tell({ type: 'input', status }));
  media.onMeters((readings) => tell({ type: 'meters', readings }));
  media.onStats((stats) => tell({ type: 'stats', stats }));
  if (preview) media.attachPreview(document.querySelector('canvas') as HTMLCanvasElement);
}

document.querySelector('#pick')?.addEventListener('click', () => void media?.pickScreen('screen' as SourceId));
