import type { StoreCall, StoreInput, StoreOutput } from '../protocol.ts';

/** The worker's answer to each call of an area; a throw becomes a failure as data. */
export type Handlers<N extends StoreCall = StoreCall> = { [K in N]: (input: StoreInput<K>) => StoreOutput<K> };

/** The calls whose name begins with an area, such as `profiles`. */
export type CallsOf<Area extends string> = Extract<StoreCall, `${Area}.${string}`>;
