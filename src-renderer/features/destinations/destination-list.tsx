import { Plus } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useEngine } from '../../engine-client/engine.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { DestinationForm } from './destination-form.tsx';
import { DestinationRow } from './destination-row.tsx';
import { editDestination, useEditing } from './editing.ts';
import { EncodeCount } from './encode-count.tsx';

export function DestinationList() {
  const { t } = useTranslation();
  const destinations = useEngine('destination.list');
  const profile = useEngine('profile.list', ({ activeId, profiles }) => profiles.find(({ id }) => id === activeId));
  const { editing } = useEditing();
  const close = () => editDestination(null);
  useEffect(() => () => editDestination(null), []); // what was typed goes with the list
  return (
    <section className="panel destinations" aria-label={t('destinations.title')}>
      <div className="panel-head">
        <h2>{t('destinations.title')}</h2>
        <IconButton small label={t('destinations.add')} onClick={() => editDestination('new')}>
          <Plus size={16} />
        </IconButton>
      </div>
      <div className="list scroll grow">
        <ul>
          {destinations?.map((destination) =>
            editing === destination.id ? (
              <li key={destination.id}>
                <DestinationForm destination={destination} onClose={close} />
              </li>
            ) : (
              <DestinationRow key={destination.id} destination={destination} onEdit={() => editDestination(destination.id)} />
            ),
          )}
        </ul>
        {editing === 'new' && <DestinationForm onClose={close} />}
        {editing === null && profile && <EncodeCount profile={profile} />}
        {editing === null && destinations && destinations.length < 2 && (
          <Button look="quiet" onClick={() => editDestination('new')}>
            <Plus size={15} /> {t('destinations.addFirst')}
          </Button>
        )}
      </div>
    </section>
  );
}
