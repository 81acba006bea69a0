import { Camera, ImagePlus, Type } from 'lucide-react';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePreferences } from '../../app/preferences.ts';
import { Button } from '../../ui/button.tsx';
import { programScene } from '../collection/edits.ts';
import { select, useCollection } from '../collection/store.ts';
import { addPicture, addSourceOf } from '../sources/add.ts';
import { Handles } from './handles.tsx';
import { useMedia } from './media.ts';

/** The program picture, as viewers get it, with handles over it. */
export function Stage() {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useCollection(({ collection }) => collection?.canvas);
  const empty = useCollection(({ collection }) => collection !== null && programScene(collection).items.length === 0);
  const sceneName = useCollection(({ collection }) => collection && programScene(collection).name);
  const [dropping, setDropping] = useState(false);
  const scale = useScale(frame, canvas?.widthPx ?? 1280, canvas?.heightPx ?? 720);
  if (!canvas) return <div className="stage" ref={frame} />;

  const drop = (event: DragEvent) => {
    event.preventDefault();
    setDropping(false);
    for (const file of event.dataTransfer.files) void addPicture(file);
  };
  return (
    <section
      className="stage"
      ref={frame}
      aria-label={t('stage.program', { scene: sceneName ?? '' })}
      onPointerDown={(event) => event.target === event.currentTarget && select(null)}
    >
      <div
        className="picture"
        data-dropping={dropping || undefined}
        style={{ width: canvas.widthPx * scale, height: canvas.heightPx * scale }}
        onDragOver={(event) => {
          event.preventDefault();
          setDropping(true);
        }}
        onDragLeave={() => setDropping(false)}
        onDrop={drop}
      >
        <Preview />
        <Guides />
        {empty ? <EmptyScene /> : <Handles scale={scale} />}
      </div>
    </section>
  );
}

/** The canvas is made here, not by React: it is handed over to the compositor once and for all. */
function Preview() {
  const host = useRef<HTMLDivElement>(null);
  const media = useMedia((state) => state.media);
  useEffect(() => {
    if (!media || !host.current) return;
    const canvas = document.createElement('canvas');
    canvas.setAttribute('aria-hidden', 'true');
    host.current.append(canvas);
    const detach = media.attachPreview(canvas);
    return () => {
      detach();
      canvas.remove();
    };
  }, [media]);
  return <div className="preview" ref={host} />;
}

/** Safe areas after EBU R 95: action 93 %, graphics 90 %. */
function Guides() {
  const shown = usePreferences(({ guides }) => guides);
  if (!shown) return null;
  return (
    <div className="guides" aria-hidden="true">
      <span />
      <span />
    </div>
  );
}

function EmptyScene() {
  const { t } = useTranslation();
  const picker = useRef<HTMLInputElement>(null);
  return (
    <div className="empty-scene">
      <h2>{t('stage.emptyTitle')}</h2>
      <p>{t('stage.emptyText')}</p>
      <div className="row">
        <Button look="primary" onClick={() => addSourceOf('camera')}>
          <Camera size={16} /> {t('stage.addCamera')}
        </Button>
        <Button onClick={() => addSourceOf('text')}>
          <Type size={16} /> {t('stage.addText')}
        </Button>
        <Button onClick={() => picker.current?.click()}>
          <ImagePlus size={16} /> {t('stage.addPicture')}
        </Button>
      </div>
      <input
        ref={picker}
        type="file"
        accept="image/*"
        hidden
        onChange={(event) => event.target.files?.[0] && void addPicture(event.target.files[0])}
      />
    </div>
  );
}

/** CSS pixels per canvas pixel, so that the picture fills its frame. */
function useScale(frame: React.RefObject<HTMLDivElement | null>, width: number, height: number): number {
  const [scale, setScale] = useState(0.5);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const fit = () => setScale(Math.max(0.05, Math.min((element.clientWidth - 24) / width, (element.clientHeight - 24) / height)));
    const observer = new ResizeObserver(fit);
    observer.observe(element);
    fit();
    return () => observer.disconnect();
  }, [frame, width, height]);
  return scale;
}
