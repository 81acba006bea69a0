import { Info, OctagonAlert, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type PlatformIssue, type Profile, type RuledPlatform, validateForPlatform } from '../../../src-shared/domain/index.ts';
import { useEngine } from '../../engine-client/engine.ts';
import { Button } from '../../ui/button.tsx';
import { platform as describePlatform, platformOf } from '../destinations/platforms.ts';
import { CODEC_NAMES } from './encoder-names.ts';
import { saveProfile } from './save-profile.ts';

const ICONS = { error: OctagonAlert, warning: TriangleAlert, hint: Info } as const;
const LOOKS = { error: 'note error', warning: 'note', hint: 'note calm' } as const;
const AUDIO_NAMES = { aac: 'AAC', 'he-aac': 'HE-AAC', opus: 'Opus' } as const;

/** The platforms that get the profile's own video: what the others mind is told where theirs is set. */
export function usePlatforms(): RuledPlatform[] {
  const found = useEngine('destination.list', (destinations) =>
    destinations.flatMap(({ enabled, kind, url, video }): RuledPlatform[] =>
      enabled && kind === 'rtmp' && !video ? [platformOf(url)] : [],
    ),
  );
  return [...new Set(found ?? [])];
}

/** What the platforms mind of the picture, or of the sound; most of it one press puts right. */
export function PlatformNotes({ profile, about }: { profile: Profile; about: 'video' | 'audio' }) {
  const issues = usePlatforms().flatMap((platform) =>
    validateForPlatform(platform, profile.video, profile.audio)
      .filter(({ setting }) => setting.startsWith('audio.') === (about === 'audio'))
      .map((issue) => ({ ...issue, platform })),
  );
  const follow = ({ suggestion }: PlatformIssue) =>
    saveProfile({ ...profile, video: { ...profile.video, ...suggestion?.video }, audio: { ...profile.audio, ...suggestion?.audio } });
  return <IssueList issues={issues} mayFollow={({ suggestion }) => suggestion !== null} onFollow={follow} />;
}

interface IssueListProps {
  issues: readonly (PlatformIssue & { platform: RuledPlatform })[];
  /** the suggestion can be followed here */
  mayFollow: (issue: PlatformIssue) => boolean;
  onFollow: (issue: PlatformIssue) => void;
}

export function IssueList({ issues, mayFollow, onFollow }: IssueListProps) {
  const { t, i18n } = useTranslation();
  if (issues.length === 0) return null;
  return (
    <ul className="platform-notes" aria-label={t('settings.platforms.title')}>
      {issues.map((issue) => {
        const Icon = ICONS[issue.severity];
        const name = issue.platform === 'whip' ? 'WHIP' : describePlatform(issue.platform).name;
        const text = t(`settings.platforms.${issue.key}`, { ...spoken(issue.values, i18n.language), name });
        return (
          <li key={issue.platform + issue.key} className={LOOKS[issue.severity]}>
            <Icon size={14} aria-hidden="true" />
            <span>{text}</span>
            {mayFollow(issue) && (
              <Button aria-label={t('settings.platforms.followFor', { text })} onClick={() => onFollow(issue)}>
                {t('settings.platforms.follow')}
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Every value that a text may speak of: codecs by their names, numbers as the language writes them. */
function spoken(values: PlatformIssue['values'], language: string) {
  const names: Record<string, string> = { ...CODEC_NAMES, ...AUDIO_NAMES };
  const none = { codec: '', instead: '', rows: '', frameRate: '', kbps: '', seconds: '', profile: '' };
  const said = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'number' ? value.toLocaleString(language) : (names[value] ?? value),
  ]);
  return { ...none, ...(Object.fromEntries(said) as Partial<typeof none>) };
}
