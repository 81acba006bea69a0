import { Eye, EyeOff } from 'lucide-react';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DestinationView, Profile } from '../../../src-shared/domain/index.ts';
import { toFailure } from '../../../src-shared/errors.ts';
import { link, useEngine } from '../../engine-client/engine.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { SelectField } from '../../ui/fields.tsx';
import { AdvancedFields } from './advanced-fields.tsx';
import { ADVANCED, type Draft, destinationOf, draftOf, isKeyStored, problemsOf, withPlatform } from './draft.ts';
import { DraftInput, Problem } from './draft-input.tsx';
import { PLATFORMS, platform } from './platforms.ts';
import { ownVideoOf } from './video-draft.ts';
import { VideoFields } from './video-fields.tsx';

/** Adds or changes a destination, in its place in the list. A stored key is never shown: typing one replaces it. */
export function DestinationForm({ destination, onClose }: { destination?: DestinationView; onClose: () => void }) {
  const profile = useEngine('profile.list', ({ activeId, profiles }) => profiles.find(({ id }) => id === activeId));
  return profile && <Form {...(destination ? { destination } : {})} profile={profile} onClose={onClose} />;
}

function Form({ destination, profile, onClose }: { destination?: DestinationView; profile: Profile; onClose: () => void }) {
  const { t } = useTranslation();
  const profileKbps = profile.video.bitrateKbps;
  const [draft, setDraft] = useState(() => draftOf(destination, profileKbps));
  const form = useRef<HTMLFormElement>(null);
  const [tried, setTried] = useState(false);
  const [advanced, setAdvanced] = useState(false);
  const [failure, setFailure] = useState('');
  const found = problemsOf(draft, destination, profileKbps);
  const problems = tried ? found : {};
  const change = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));

  useEffect(() => void form.current?.scrollIntoView({ block: 'start' }), []); // below a long list it would not be seen

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (ADVANCED.some((field) => found[field])) setAdvanced(true);
    if (Object.keys(found).length > 0) return;
    try {
      const saved = destinationOf(draft, destination);
      await link.invoke('destination.save', draft.key ? { destination: saved, streamKey: draft.key } : { destination: saved });
      onClose();
    } catch (error) {
      setFailure(toFailure(error).message);
    }
  };
  return (
    <form
      ref={form}
      className="card stack"
      aria-label={t(destination ? 'destinations.edit' : 'destinations.add')}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <SelectField
        inline
        label={t('destinations.platform')}
        value={draft.platform}
        options={PLATFORMS.map(({ id, name: label }) => ({ value: id, label: id === 'custom' ? t('destinations.custom') : label }))}
        onChange={(id) => setDraft((now) => withPlatform(now, id, profileKbps))}
      />
      <DraftInput
        label={t('common.name')}
        value={draft.name}
        placeholder={platform(draft.platform).name}
        onChange={(name) => change({ name })}
      />
      <DraftInput
        label={t('destinations.url')}
        value={draft.url}
        placeholder="rtmps://host/app"
        problem={problems.url && t(`destinations.urlProblem.${problems.url}`)}
        onChange={(url) => change({ url })}
      />
      <KeyInput
        value={draft.key}
        stored={isKeyStored(draft, destination)}
        problem={problems.key && t('destinations.keyMissing')}
        onChange={(key) => change({ key })}
      />
      <VideoFields
        draft={draft}
        problems={problems}
        profile={profile}
        destination={found.videoKbps ? null : destinationOf(draft, destination)}
        onChange={change}
      />
      <details className="advanced" open={advanced} onToggle={(event) => setAdvanced(event.currentTarget.open)}>
        <summary>{t('destinations.advanced')}</summary>
        <AdvancedFields
          draft={draft}
          problems={problems}
          profile={profile}
          videoKbps={(draft.video && ownVideoOf(draft.video)?.bitrateKbps) ?? profileKbps}
          onChange={change}
        />
      </details>
      {failure && <p className="note error">{failure}</p>}
      <div className="row end">
        <Button look="quiet" onClick={onClose}>
          {t('common.cancel')}
        </Button>
        <Button type="submit" look="primary">
          {t('common.save')}
        </Button>
      </div>
    </form>
  );
}

interface KeyProps {
  value: string;
  stored: boolean;
  problem: string | undefined;
  onChange: (value: string) => void;
}

function KeyInput({ value, stored, problem, onChange }: KeyProps) {
  const { t } = useTranslation();
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    <div className="field inline">
      <label htmlFor={id}>{t('destinations.key')}</label>
      <div className="row tight">
        <input
          id={id}
          className="input"
          type={shown ? 'text' : 'password'}
          autoComplete="off"
          value={value}
          maxLength={512}
          aria-invalid={problem !== undefined}
          aria-describedby={problem && `${id}-problem`}
          placeholder={stored ? t('destinations.keyStored') : ''}
          onChange={(event) => onChange(event.target.value)}
        />
        {value && (
          <IconButton small label={t(shown ? 'destinations.hideKey' : 'destinations.showKey')} onClick={() => setShown(!shown)}>
            {shown ? <EyeOff size={14} /> : <Eye size={14} />}
          </IconButton>
        )}
      </div>
      <Problem id={id} text={problem} />
    </div>
  );
}
