import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';

/** A drop-down menu; `trigger` is the button that opens it. */
export function Menu({ trigger, children, align = 'start' }: { trigger: ReactNode; children: ReactNode; align?: 'start' | 'end' }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align={align} sideOffset={4} collisionPadding={8} loop>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem({
  icon,
  children,
  end,
  disabled,
  onSelect,
}: {
  icon?: ReactNode;
  children: ReactNode;
  end?: ReactNode;
  disabled?: boolean;
  onSelect: () => void;
}) {
  return (
    <DropdownMenu.Item className="menu-item" disabled={disabled ?? false} onSelect={onSelect}>
      {icon}
      <span>{children}</span>
      {end && <span className="end">{end}</span>}
    </DropdownMenu.Item>
  );
}

export function MenuLine() {
  return <DropdownMenu.Separator className="menu-line" />;
}
