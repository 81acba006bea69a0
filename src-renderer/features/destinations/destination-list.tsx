import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DestinationId } from '../../../src-shared/domain/index.ts';
import { useEngine } from '../../engine-client/engine.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { DestinationForm } from './destination-form.tsx';
import { DestinationRow } from './destination-row.tsx';

export function DestinationList() {
  const { t } = useTranslation();
  const destinations = useEngine('destination.list');
  const [editing, setEditing] = useState<DestinationId | 'new' | null>(null);
  const close = () => setEditing(null);
  return (
    <section className="panel destinations" aria-label={t('destinations.title')}>
      <div className="panel-head">
        <h2>{t('destinations.title')}</h2>
        <IconButton small label={t('destinations.add')} onClick={() => setEditing('new')}>
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
              <DestinationRow key={destination.id} destination={destination} onEdit={() => setEditing(destination.id)} />
            ),
          )}
        </ul>
        {editing === 'new' && <DestinationForm onClose={close} />}
        {editing === null && destinations && destinations.length < 2 && (
          <Button look="quiet" onClick={() => setEditing('new')}>
            <Plus size={15} /> {t('destinations.addFirst')}
          </Button>
        )}
      </div>
    </section>
  );
}
