/** Which destination's form is open; other places open it, too. */
import { create } from 'zustand';
import type { DestinationId } from '../../../src-shared/domain/index.ts';

export const useEditing = create<{ editing: DestinationId | 'new' | null }>(() => ({ editing: null }));

export function editDestination(editing: DestinationId | 'new' | null): void {
  useEditing.setState({ editing });
}
