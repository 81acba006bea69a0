import { Tabs } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../app/panel.tsx';
import { type Language, type Theme, usePreferences } from '../../app/preferences.ts';
import { useEngine } from '../../engine-client/engine.ts';
import { SelectField, SwitchRow } from '../../ui/fields.tsx';
import { EncoderList } from './encoder-list.tsx';
import { ProfileSettings } from './profile-settings.tsx';
import { RecordingSettings } from './recording-settings.tsx';

const TABS = ['video', 'encoders', 'recording', 'look'] as const;

export function Settings() {
  const { t } = useTranslation();
  const profile = useEngine('profile.list', ({ activeId, profiles }) => profiles.find(({ id }) => id === activeId));
  return (
    <Panel title={t('settings.title')}>
      <Tabs.Root defaultValue="video" className="stack settings">
        <Tabs.List className="segmented" aria-label={t('settings.title')}>
          {TABS.map((tab) => (
            <Tabs.Trigger key={tab} value={tab}>
              {t(`settings.tabs.${tab}`)}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content value="video" className="stack">
          {profile && <ProfileSettings key={profile.id} profile={profile} />}
        </Tabs.Content>
        <Tabs.Content value="encoders" className="stack">
          <EncoderList />
        </Tabs.Content>
        <Tabs.Content value="recording" className="stack">
          {profile && <RecordingSettings key={profile.id} profile={profile} />}
        </Tabs.Content>
        <Tabs.Content value="look" className="stack">
          <Look />
        </Tabs.Content>
      </Tabs.Root>
    </Panel>
  );
}

function Look() {
  const { t } = useTranslation();
  const { theme, language, guides } = usePreferences();
  const info = useEngine('studio.info');
  return (
    <>
      <SelectField
        label={t('settings.theme')}
        value={theme}
        options={(['system', 'dark', 'light'] as const).map((value: Theme) => ({ value, label: t(`settings.themes.${value}`) }))}
        onChange={(value) => usePreferences.setState({ theme: value })}
      />
      <SelectField
        label={t('settings.language')}
        value={language}
        options={[
          { value: 'en', label: 'English' },
          { value: 'zh-CN', label: '简体中文' },
        ]}
        onChange={(value: Language) => usePreferences.setState({ language: value })}
      />
      <SwitchRow label={t('settings.guides')} checked={guides} onChange={(value) => usePreferences.setState({ guides: value })} />
      {info && (
        <p className="faint selectable">
          Tidecast {info.version}
          <br />
          {info.dataDirectory}
        </p>
      )}
    </>
  );
}
