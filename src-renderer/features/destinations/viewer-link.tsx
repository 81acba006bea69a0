import { Copy, ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEngine } from '../../engine-client/engine.ts';
import { openLink } from '../../engine-client/shell.ts';
import { IconButton } from '../../ui/button.tsx';
import { say } from '../activity/notices.ts';

/** Where rehearsal viewers watch: the page of the embedded live server. */
export function ViewerLink() {
  const { t } = useTranslation();
  const url = useEngine('studio.info', ({ viewerUrl }) => viewerUrl);
  const [copied, setCopied] = useState(false);
  if (!url) return null;
  const copy = () =>
    void navigator.clipboard.writeText(url).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1_500);
    }, say);
  return (
    <div className="viewer-link">
      <a
        className="truncate grow selectable"
        href={url}
        target="_blank"
        rel="noopener noreferrer"
        aria-label={t('destinations.viewerPage')}
      >
        {url.replace(/^https?:\/\//, '')}
      </a>
      <IconButton small label={t(copied ? 'common.copied' : 'destinations.copyLink')} onClick={copy}>
        <Copy size={14} />
      </IconButton>
      <IconButton small label={t('destinations.openViewer')} onClick={() => openLink(url)}>
        <ExternalLink size={14} />
      </IconButton>
    </div>
  );
}
