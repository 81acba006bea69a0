import type { ComponentProps, ReactNode } from 'react';
import { Hint } from './hint.tsx';

/** A button that is only an icon: its name is read aloud and shown, with the shortcut, in a tooltip. */
export function IconButton({
  label,
  shortcut,
  small,
  className = '',
  ...rest
}: ComponentProps<'button'> & { label: string; shortcut?: string | undefined; small?: boolean }) {
  return (
    <Hint label={label} shortcut={shortcut}>
      <button type="button" aria-label={label} className={`icon-button ${small ? 'small' : ''} ${className}`} {...rest} />
    </Hint>
  );
}

export function Button({
  look = '',
  className = '',
  ...rest
}: ComponentProps<'button'> & { look?: '' | 'primary' | 'quiet' | 'danger' | 'quiet danger' }) {
  return <button type="button" className={`button ${look} ${className}`} {...rest} />;
}

export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <p>{children}</p>
      {action}
    </div>
  );
}
