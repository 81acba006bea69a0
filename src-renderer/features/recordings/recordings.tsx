import { useQuery } from '@tanstack/react-query';
import { Film, FolderOpen, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recording } from '../../../src-shared/domain/index.ts';
import { Panel } from '../../app/panel.tsx';
import { link, useEngine } from '../../engine-client/engine.ts';
import { invokeShell, shellBridge } from '../../engine-client/shell.ts';
import { Button, Empty, IconButton } from '../../ui/button.tsx';
import { formatBytes, formatElapsed } from '../../ui/format.ts';
import { say } from '../activity/notices.ts';
import { toggleRecording } from '../session/actions.ts';

/** Everything recorded, newest first. */
export function Recordings() {
  const { t } = useTranslation();
  const recordings = useEngine('recording.list');
  const newestFirst = recordings?.toSorted((a, b) => b.startedAtMs - a.startedAtMs);
  return (
    <Panel title={t('recordings.title')}>
      {newestFirst?.length === 0 ? (
        <Empty action={<Button onClick={toggleRecording}>{t('record.start')}</Button>}>{t('recordings.empty')}</Empty>
      ) : (
        <ul className="recordings" aria-label={t('recordings.title')}>
          {newestFirst?.map((recording) => (
            <RecordingRow key={recording.id} recording={recording} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function RecordingRow({ recording }: { recording: Recording }) {
  const { t, i18n } = useTranslation();
  const { id, path, startedAtMs, durationMs, sizeBytes, widthPx, heightPx, status } = recording;
  const [asking, setAsking] = useState(false);
  const started = new Date(startedAtMs).toLocaleString(i18n.language, { dateStyle: 'medium', timeStyle: 'short' });
  const remove = (deleteFile: boolean) => void link.invoke('recording.remove', { id, deleteFile }).catch(say);
  return (
    <li className="recording" data-status={status}>
      <Thumbnail recording={recording} />
      <div className="grow">
        <div>{started}</div>
        <div className="soft figure recording-figures">
          {formatElapsed(durationMs)} · {widthPx} × {heightPx} · {formatBytes(sizeBytes, i18n.language)}
        </div>
        <div className="recording-status" data-status={status}>
          {t(`recordings.status.${status}`)}
        </div>
        <div className="faint truncate selectable recording-path" title={path}>
          {path.split(/[\\/]/).at(-1)}
        </div>
        {asking && (
          <div className="row recording-ask">
            <Button look="danger" autoFocus onClick={() => remove(true)}>
              {t('recordings.deleteFile')}
            </Button>
            <Button onClick={() => remove(false)}>{t('recordings.onlyList')}</Button>
            <Button look="quiet" onClick={() => setAsking(false)}>
              {t('common.cancel')}
            </Button>
          </div>
        )}
      </div>
      <div className="stack tools">
        {shellBridge && (
          <IconButton small label={t('recordings.reveal')} onClick={() => void invokeShell('shell.revealFile', { path }).catch(say)}>
            <FolderOpen size={15} />
          </IconButton>
        )}
        {status !== 'recording' && !asking && (
          <IconButton small label={t('recordings.delete', { name: started })} onClick={() => setAsking(true)}>
            <Trash2 size={15} />
          </IconButton>
        )}
      </div>
    </li>
  );
}

function Thumbnail({ recording: { id, hasThumbnail } }: { recording: Recording }) {
  const { data } = useQuery({
    queryKey: ['recording.thumbnail', id],
    enabled: hasThumbnail,
    queryFn: () => link.invoke('recording.thumbnail', { id }),
  });
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!data) return;
    const made = URL.createObjectURL(new Blob([data as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [data]);
  return <div className="thumbnail">{url ? <img src={url} alt="" /> : <Film size={20} aria-hidden="true" />}</div>;
}
