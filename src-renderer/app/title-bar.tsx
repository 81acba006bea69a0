import { Activity, ChartLine, Check, ChevronDown, Clapperboard, Languages, Moon, Redo2, Settings, Sun, Undo2, Waves } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { link, useEngine } from '../engine-client/engine.ts';
import { say } from '../features/activity/notices.ts';
import { redoEdit, undoEdit, useCollection } from '../features/collection/store.ts';
import { useAirState, useElapsedMs, useRecorder, useSession } from '../features/session/use-session.ts';
import { IconButton } from '../ui/button.tsx';
import { formatElapsed } from '../ui/format.ts';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { CommandPalette } from './command-palette.tsx';
import { switchTheme } from './commands.ts';
import { toggleView, usePreferences, useView } from './preferences.ts';

export function TitleBar() {
  const { t } = useTranslation();
  const view = useView((state) => state.right);
  const history = useCollection((state) => state.history);
  const dark = useView((state) => state.dark);
  return (
    <header className="title-bar">
      <h1 className="brand">
        <Waves size={18} aria-hidden="true" />
        Tidecast
      </h1>
      <ProfileMenu />
      <span className="divide" aria-hidden="true" />
      <AirChip />
      <RecChip />
      <span className="grow" />
      <CommandPalette />
      <span className="grow" />
      <IconButton label={t('common.undo')} shortcut="Ctrl+Z" disabled={history.past.length === 0} onClick={undoEdit}>
        <Undo2 size={16} />
      </IconButton>
      <IconButton label={t('common.redo')} shortcut="Ctrl+Shift+Z" disabled={history.future.length === 0} onClick={redoEdit}>
        <Redo2 size={16} />
      </IconButton>
      <span className="divide" aria-hidden="true" />
      <IconButton
        label={t('recordings.title')}
        shortcut="Ctrl+Shift+R"
        aria-pressed={view === 'recordings'}
        onClick={() => toggleView('recordings')}
      >
        <Clapperboard size={16} />
      </IconButton>
      <MonitorButton />
      <IconButton label={t('activity.title')} aria-pressed={view === 'activity'} onClick={() => toggleView('activity')}>
        <Activity size={16} />
      </IconButton>
      <IconButton label={t('settings.switchTheme')} onClick={switchTheme}>
        {dark ? <Sun size={16} /> : <Moon size={16} />}
      </IconButton>
      <LanguageMenu />
      <IconButton label={t('settings.title')} shortcut="Ctrl+," aria-pressed={view === 'settings'} onClick={() => toggleView('settings')}>
        <Settings size={16} />
      </IconButton>
    </header>
  );
}

function ProfileMenu() {
  const { t } = useTranslation();
  const list = useEngine('profile.list');
  const active = list?.profiles.find(({ id }) => id === list.activeId);
  return (
    <Menu
      trigger={
        <button type="button" className="button quiet" aria-label={t('settings.profile', { name: active?.name ?? '' })}>
          <span className="truncate">{active?.name ?? '…'}</span>
          <ChevronDown size={14} aria-hidden="true" />
        </button>
      }
    >
      {list?.profiles.map(({ id, name, video }) => (
        <MenuItem
          key={id}
          icon={id === list.activeId ? <Check size={15} /> : <span className="menu-gap" />}
          end={`${video.heightPx}p${video.frameRate}`}
          onSelect={() => void link.invoke('profile.activate', { id }).catch(say)}
        >
          {name}
        </MenuItem>
      ))}
    </Menu>
  );
}

function LanguageMenu() {
  const { t } = useTranslation();
  const set = (language: 'en' | 'zh-CN') => usePreferences.setState({ language });
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" className="icon-button" aria-label={t('settings.language')} title={t('settings.language')}>
          <Languages size={16} />
        </button>
      }
    >
      <MenuItem onSelect={() => set('en')}>English</MenuItem>
      <MenuItem onSelect={() => set('zh-CN')}>简体中文</MenuItem>
    </Menu>
  );
}

/** A dot, and another name, while a limit is exceeded. */
function MonitorButton() {
  const { t } = useTranslation();
  const isOpen = useView((state) => state.right === 'monitor');
  const isFiring = useEngine('alerts.list', (alerts) => alerts.some(({ state }) => state.phase === 'firing')) ?? false;
  return (
    <IconButton
      label={t(isFiring ? 'monitor.firing' : 'monitor.title')}
      shortcut="Ctrl+Shift+M"
      aria-pressed={isOpen}
      onClick={() => toggleView('monitor')}
    >
      <ChartLine size={16} />
      {isFiring && <span className="badge" />}
    </IconButton>
  );
}

/** Red means that viewers see it now; blue is a rehearsal; words say the same as colours. */
function AirChip() {
  const { t } = useTranslation();
  const air = useAirState();
  const session = useSession();
  const elapsedMs = useElapsedMs(session.phase === 'on-air' ? session.sinceUs : null);
  const madeUp = useEngine('stats.get', ({ link }) => link !== null);
  const words = air === 'rehearsal' && madeUp ? t('rehearsal.title') : t(`air.${air}`);
  const look = {
    idle: '',
    starting: '',
    stopping: '',
    rehearsal: 'rehearsal',
    connecting: 'warning',
    reconnecting: 'warning',
    live: 'live',
  }[air];
  return (
    <span className={`chip ${look}`} role="status" aria-label={words}>
      {words}
      {elapsedMs !== null && <span className="figure">{formatElapsed(elapsedMs)}</span>}
    </span>
  );
}

function RecChip() {
  const { t } = useTranslation();
  const recorder = useRecorder();
  const elapsedMs = useElapsedMs(recorder.phase === 'recording' ? recorder.sinceUs : null);
  if (recorder.phase !== 'recording') return null;
  return (
    <span className="chip rec" title={recorder.reason}>
      {t('record.chip')} <span className="figure">{formatElapsed(elapsedMs ?? 0)}</span>
    </span>
  );
}
