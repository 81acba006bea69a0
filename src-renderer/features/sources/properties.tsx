import { AppWindow, ImageUp, RotateCw } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Source, SourceOf } from '../../../src-shared/domain/index.ts';
import { shellBridge } from '../../engine-client/shell.ts';
import { Button } from '../../ui/button.tsx';
import { NumberField, SelectField, SwitchRow } from '../../ui/fields.tsx';
import { useFailureText } from '../activity/failure-text.ts';
import { say } from '../activity/notices.ts';
import { changeSource } from '../collection/edits.ts';
import { edit } from '../collection/store.ts';
import { useMedia } from '../stage/media.ts';
import { upload } from './add.ts';
import { ColourField } from './colour-field.tsx';
import { deviceOptions } from './device-options.ts';
import { ScreenPicker } from './screen-picker.tsx';
import { TextProperties } from './text-properties.tsx';

/** The fields of each kind of source. */
export function SourceProperties({ source }: { source: Source }) {
  switch (source.kind) {
    case 'camera':
      return <CameraProperties source={source} />;
    case 'screen':
      return <ScreenProperties source={source} />;
    case 'picture':
      return <PictureProperties source={source} />;
    case 'text':
      return <TextProperties source={source} />;
    case 'colour':
      return <ColourProperties source={source} />;
    case 'testCard':
      return <TestCardProperties source={source} />;
    case 'avTest':
      return <AvTestProperties source={source} />;
    default:
      return source satisfies never;
  }
}

const SIZES = [
  [640, 360],
  [1280, 720],
  [1920, 1080],
  [3840, 2160],
] as const;

function CameraProperties({ source }: { source: SourceOf<'camera'> }) {
  const { t } = useTranslation();
  const devices = useMedia((state) => state.devices);
  const status = useMedia(({ sources }) => sources.get(source.id));
  const failureText = useFailureText();
  const change = (part: Partial<SourceOf<'camera'>>) => edit(changeSource(source.id, part));
  return (
    <>
      {status?.failure && (
        <FailureNote text={failureText(status.failure)} onRetry={() => useMedia.getState().media?.retrySource(source.id)} />
      )}
      <SelectField
        inline
        label={t('camera.device')}
        value={source.deviceId ?? ''}
        options={deviceOptions(devices, 'videoinput', source, t('camera.systemDefault'))}
        onChange={(id) =>
          change({ deviceId: id || null, deviceLabel: devices.find(({ deviceId }) => deviceId === id)?.label.slice(0, 256) ?? '' })
        }
      />
      <SelectField
        inline
        label={t('camera.resolution')}
        value={`${source.widthPx}x${source.heightPx}`}
        options={SIZES.map(([width, height]) => ({ value: `${width}x${height}`, label: `${width} × ${height}` }))}
        onChange={(size) => {
          const [widthPx = 1280, heightPx = 720] = size.split('x').map(Number);
          change({ widthPx, heightPx });
        }}
      />
      <SelectField
        inline
        label={t('camera.frameRate')}
        value={String(source.frameRate)}
        options={['15', '24', '25', '30', '50', '60'].map((value) => ({ value, label: `${value} fps` }))}
        onChange={(rate) => change({ frameRate: Number(rate) })}
      />
      <SwitchRow label={t('camera.mirrored')} checked={source.mirrored} onChange={(mirrored) => change({ mirrored })} />
    </>
  );
}

function ScreenProperties({ source }: { source: SourceOf<'screen'> }) {
  const { t } = useTranslation();
  const status = useMedia(({ sources }) => sources.get(source.id));
  const failureText = useFailureText();
  const pick = () => void useMedia.getState().media?.pickScreen(source.id).catch(say);
  return (
    <>
      {status?.failure && <FailureNote text={failureText(status.failure)} />}
      {shellBridge ? (
        <ScreenPicker chosen={source.captureId} onPick={(captureId) => edit(changeSource(source.id, { captureId }))} />
      ) : (
        <Button look={status?.phase === 'ready' ? '' : 'primary'} onClick={pick}>
          <AppWindow size={15} /> {t('screen.choose')}
        </Button>
      )}
      <SwitchRow label={t('screen.cursor')} checked={source.cursor} onChange={(cursor) => edit(changeSource(source.id, { cursor }))} />
    </>
  );
}

function PictureProperties({ source }: { source: SourceOf<'picture'> }) {
  const { t } = useTranslation();
  const picker = useRef<HTMLInputElement>(null);
  const replace = (file: File) => void upload(file).then(({ id }) => edit(changeSource(source.id, { assetId: id })), say);
  return (
    <>
      <Button onClick={() => picker.current?.click()}>
        <ImageUp size={15} /> {t('picture.replace')}
      </Button>
      <input
        ref={picker}
        type="file"
        accept="image/*"
        aria-label={t('picture.replace')}
        hidden
        onChange={(event) => event.target.files?.[0] && replace(event.target.files[0])}
      />
    </>
  );
}

function ColourProperties({ source }: { source: SourceOf<'colour'> }) {
  const { t } = useTranslation();
  return (
    <ColourField
      label={t('colour.colour')}
      value={source.colour}
      onChange={(colour) => edit(changeSource(source.id, { colour }), `colour:${source.id}`)}
    />
  );
}

function TestCardProperties({ source }: { source: SourceOf<'testCard'> }) {
  const { t } = useTranslation();
  return (
    <SwitchRow
      label={t('testCard.tickStrip')}
      checked={source.tickStrip}
      onChange={(tickStrip) => edit(changeSource(source.id, { tickStrip }))}
    />
  );
}

function AvTestProperties({ source }: { source: SourceOf<'avTest'> }) {
  const { t } = useTranslation();
  return (
    <NumberField
      inline
      label={t('avTest.period')}
      unit="ms"
      min={500}
      max={10_000}
      step={100}
      value={source.periodMs}
      onCommit={(periodMs) => edit(changeSource(source.id, { periodMs }))}
    />
  );
}

function FailureNote({ text, onRetry }: { text: string; onRetry?: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="note error">
      <span className="grow">{text}</span>
      {onRetry && (
        <button type="button" className="link" onClick={onRetry}>
          <RotateCw size={12} /> {t('common.retry')}
        </button>
      )}
    </div>
  );
}
