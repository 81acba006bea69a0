import { Eye, EyeOff } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DestinationId, type DestinationView } from '../../../src-shared/domain/index.ts';
import { toFailure } from '../../../src-shared/errors.ts';
import { link } from '../../engine-client/engine.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { SelectField } from '../../ui/fields.tsx';
import { isSameServer, PLATFORMS, type Platform, platformOf, urlProblem } from './platforms.ts';

/** Adds or changes a destination, in its place in the list. A stored key is never shown: typing one replaces it. */
export function DestinationForm({ destination, onClose }: { destination?: DestinationView; onClose: () => void }) {
  const { t } = useTranslation();
  const [platform, setPlatform] = useState<Platform['id']>(destination ? platformOf(destination.url) : 'twitch');
  const [name, setName] = useState(destination?.name ?? '');
  const [url, setUrl] = useState(destination?.url ?? (PLATFORMS[0]?.url || ''));
  const [key, setKey] = useState('');
  const [tried, setTried] = useState(false);
  const [failure, setFailure] = useState('');
  const problem = urlProblem(url);
  const keyStored = destination?.hasKey === true && isSameServer(url, destination.url);
  const enabled = destination?.enabled ?? true;
  const keyMissing = enabled && !key && !keyStored; // as the publisher would say: rtmp.no-key

  const choose = (id: Platform['id']) => {
    setPlatform(id);
    setUrl(PLATFORMS.find((one) => one.id === id)?.url ?? '');
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (problem || keyMissing) return;
    const id = destination?.id ?? DestinationId.parse(crypto.randomUUID());
    const shown = name.trim() || (PLATFORMS.find((one) => one.id === platform)?.name ?? 'RTMP');
    try {
      const saved = { id, name: shown.slice(0, 100), kind: 'rtmp' as const, url: url.trim(), enabled };
      await link.invoke('destination.save', key ? { destination: saved, streamKey: key } : { destination: saved });
      onClose();
    } catch (error) {
      setFailure(toFailure(error).message);
    }
  };
  return (
    <form
      className="card stack"
      aria-label={t(destination ? 'destinations.edit' : 'destinations.add')}
      onSubmit={(event) => void submit(event)}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <SelectField
        inline
        label={t('destinations.platform')}
        value={platform}
        options={PLATFORMS.map(({ id, name: label }) => ({ value: id, label: id === 'custom' ? t('destinations.custom') : label }))}
        onChange={choose}
      />
      <Input
        label={t('common.name')}
        value={name}
        placeholder={PLATFORMS.find((one) => one.id === platform)?.name ?? ''}
        onChange={setName}
      />
      <Input
        label={t('destinations.url')}
        value={url}
        placeholder="rtmps://host/app"
        invalid={tried && problem !== null}
        onChange={setUrl}
      />
      <KeyInput value={key} stored={keyStored} invalid={tried && keyMissing} onChange={setKey} />
      {tried && problem && <p className="note error">{t(`destinations.urlProblem.${problem}`)}</p>}
      {tried && !problem && keyMissing && <p className="note error">{t('destinations.keyMissing')}</p>}
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

function Input({
  label,
  value,
  placeholder,
  invalid,
  onChange,
}: {
  label: string;
  value: string;
  placeholder: string;
  invalid?: boolean;
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="field inline">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        value={value}
        placeholder={placeholder}
        aria-invalid={invalid}
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

function KeyInput({
  value,
  stored,
  invalid,
  onChange,
}: {
  value: string;
  stored: boolean;
  invalid: boolean;
  onChange: (value: string) => void;
}) {
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
          aria-invalid={invalid}
          placeholder={stored ? t('destinations.keyStored') : ''}
          onChange={(event) => onChange(event.target.value)}
        />
        {value && (
          <IconButton small label={t(shown ? 'destinations.hideKey' : 'destinations.showKey')} onClick={() => setShown(!shown)}>
            {shown ? <EyeOff size={14} /> : <Eye size={14} />}
          </IconButton>
        )}
      </div>
    </div>
  );
}
