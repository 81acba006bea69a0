import { Copy, ExternalLink, QrCode } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useEngine } from '../../engine-client/engine.ts';
import { openLink } from '../../engine-client/shell.ts';
import { IconButton } from '../../ui/button.tsx';
import { say } from '../activity/notices.ts';
import { ShareViewer } from './share-viewer.tsx';

/** Where rehearsal viewers watch: the page of the embedded live server; with the network's address once it is open to it. */
export function ViewerLink() {
  const { t } = useTranslation();
  const own = useEngine('studio.info', ({ viewerUrl }) => viewerUrl);
  const shared = useEngine('studio.info', ({ lanUrls }) => lanUrls[0]);
  if (!own) return null;
  const url = shared ?? own;
  return (
    <div className="viewer-link">
      <a
        className="truncate grow selectable"
        href={url}
        target="_blank"
        rel="noopener noreferrer"
        aria-label={t('destinations.viewerPage')}
        onPointerEnter={() => preconnect(url)}
        onFocus={() => preconnect(url)}
      >
        {url.replace(/^https?:\/\//, '')}
      </a>
      <CopyLink url={url} />
      <IconButton small label={t('destinations.openViewer')} onPointerEnter={() => preconnect(own)} onClick={() => openLink(own)}>
        <ExternalLink size={14} />
      </IconButton>
      <Popover.Root>
        <Popover.Trigger asChild>
          <button type="button" className="icon-button small" aria-label={t('destinations.share')}>
            <QrCode size={14} />
          </button>
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            className="popover share-viewer"
            align="end"
            sideOffset={6}
            collisionPadding={8}
            aria-label={t('destinations.share')}
          >
            <ShareViewer />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
    </div>
  );
}

function CopyLink({ url }: { url: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = () =>
    void navigator.clipboard.writeText(url).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1_500);
    }, say);
  return (
    <IconButton small label={t(copied ? 'common.copied' : 'destinations.copyLink')} onClick={copy}>
      <Copy size={14} />
    </IconButton>
  );
}

/** Whoever points at the link is about to open it: name and connection are there by then. */
function preconnect(url: string): void {
  if (document.head.querySelector(`link[rel="preconnect"][href="${CSS.escape(url)}"]`)) return;
  const link = document.createElement('link');
  link.rel = 'preconnect';
  link.href = url;
  document.head.append(link);
}
