import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { initialShare, type ShareDecision, type ShareDestination, type ShareState, stepShare } from './share.ts';

const S = 1_000_000;

const one = (id: string, wishKbps: number, more: Partial<ShareDestination> = {}): ShareDestination => ({
  id,
  wishKbps,
  congested: false,
  sizeChangeAllowed: false,
  live: true,
  own: false,
  ...more,
});

/** A session that does what it is told: splits and joins at once where there is headroom. */
class Session {
  atUs = 0;
  sharedKbps = 6_000;
  headroom = false;
  state: ShareState = initialShare();
  owns = new Set<string>();
  moves = 0;
  /** moves fail, as where no encode comes up */
  stuck = false;

  /** @returns the last decision after so many seconds of the same */
  hold(seconds: number, destinations: ShareDestination[]): ShareDecision {
    let decision: ShareDecision | null = null;
    for (let step = 0; step < seconds * 10; step += 1) {
      this.atUs += S / 10;
      const inputs = destinations.map((destination) => ({ ...destination, own: this.owns.has(destination.id) }));
      const stepped = stepShare(this.state, {
        atUs: this.atUs,
        sharedKbps: this.sharedKbps,
        headroom: this.headroom,
        busy: false,
        destinations: inputs,
      });
      this.state = stepped.state;
      decision = stepped.decision;
      this.sharedKbps = decision.sharedKbps;
      for (const { id, place } of decision.verdicts) {
        const moves = place === 'join' || (place === 'split' && !this.owns.has(id));
        if (moves) this.moves += 1;
        if (moves && !this.stuck) place === 'join' ? this.owns.delete(id) : this.owns.add(id);
      }
    }
    if (!decision) throw new Error('hold for at least 0.1 s');
    return decision;
  }
}

const places = ({ verdicts }: ShareDecision) => verdicts.map(({ id, place, videoKbps, reason }) => `${id} ${place} ${videoKbps} ${reason}`);

describe('shared encodes', () => {
  test('a single one gets its wish', () => {
    expect(places(new Session().hold(1, [one('a', 1_234, { congested: true })]))).toEqual(['a follow 1234 alone']);
  });

  test('a slow one drops for itself where there is no headroom, and the fast one keeps the rate', () => {
    const session = new Session();
    const destinations = [one('fast', 6_000), one('slow', 2_000, { congested: true })];
    expect(places(session.hold(1, destinations))).toEqual(['fast follow 6000 keeps-up', 'slow drop 6000 slow']);
    expect(places(session.hold(60, destinations))).toEqual(['fast follow 6000 keeps-up', 'slow drop 6000 slow-no-headroom']);
  });

  test('with headroom it gets an encode of its own after some seconds, and comes back 20 s after its way does', () => {
    const session = new Session();
    session.headroom = true;
    const slow = [one('fast', 6_000), one('slow', 2_000, { congested: true })];
    expect(places(session.hold(5, slow))).toEqual(['fast follow 6000 keeps-up', 'slow drop 6000 slow']);
    expect(places(session.hold(2, slow))).toEqual(['fast follow 6000 alone', 'slow split 2000 own-encode']);
    session.headroom = false; // its own encode is what took it
    const well = [one('fast', 6_000), one('slow', 6_000)];
    expect(places(session.hold(19, well))[1]).toBe('slow split 6000 own-encode');
    expect(places(session.hold(2, well))[1]).toBe('slow follow 6000 keeps-up');
  });

  test('one that is slow again soon after its return waits twice as long', () => {
    const session = new Session();
    session.headroom = true;
    const slow = [one('fast', 6_000), one('slow', 2_000, { congested: true })];
    const well = [one('fast', 6_000), one('slow', 6_000)];
    session.hold(7, slow);
    session.hold(21, well);
    expect(session.owns.size).toBe(0);
    session.hold(7, slow);
    session.hold(38, well);
    expect(session.owns.size).toBe(1);
    session.hold(3, well);
    expect(session.owns.size).toBe(0);
  });

  test('after a move that fails it waits before the next, twice as long each time', () => {
    const session = new Session();
    session.headroom = true;
    session.stuck = true;
    const slow = [one('fast', 6_000), one('slow', 2_000, { congested: true })];
    const well = [one('fast', 6_000), one('slow', 6_000)];
    session.hold(120, slow); // asks at 6, 16, 36, 76 s
    expect(session.moves).toBe(4);
    session.stuck = false;
    session.hold(40, slow);
    expect(session.owns.size).toBe(1);
    session.moves = 0;
    session.stuck = true;
    session.hold(120, well); // at 20, 30, 50, 90 s
    expect(session.moves).toBe(4);
    session.stuck = false;
    session.hold(60, well);
    expect(session.owns.size).toBe(0);
  });

  test('a majority that needs less lowers the shared rate, a minority does not', () => {
    const slow = (id: string) => one(id, 1_500, { congested: true });
    expect(new Session().hold(1, [one('a', 6_000), one('b', 5_900), slow('c')]).sharedKbps).toBe(5_900);
    const most = new Session().hold(1, [one('a', 6_000), slow('b'), slow('c')]);
    expect(places(most)).toEqual(['a follow 1500 held-back', 'b follow 1500 keeps-up', 'c follow 1500 keeps-up']);
    expect(new Session().hold(1, [one('a', 6_000), slow('b')]).sharedKbps).toBe(6_000);
  });

  test('one that is not live does not count', () => {
    const away = one('away', 300, { congested: true, live: false });
    expect(places(new Session().hold(9, [one('a', 6_000), away, { ...away, id: 'gone' }]))).toEqual([
      'a follow 6000 alone',
      'away follow 6000 not-live',
      'gone follow 6000 not-live',
    ]);
  });

  test('only one split at a time, the slowest first', () => {
    const session = new Session();
    session.headroom = true;
    session.hold(6.1, [
      one('a', 6_000),
      one('b', 6_000),
      one('c', 6_000),
      one('d', 3_000, { congested: true }),
      one('e', 2_000, { congested: true }),
    ]);
    expect([...session.owns]).toEqual(['e']);
  });

  test('the size may change only when all on the encode allow it', () => {
    const allows = { sizeChangeAllowed: true };
    expect(new Session().hold(1, [one('a', 6_000, allows), one('b', 6_000, allows)]).sizeChangeAllowed).toBe(true);
    expect(new Session().hold(1, [one('a', 6_000, allows), one('b', 6_000)]).sizeChangeAllowed).toBe(false);
  });

  test('wishes that swing do not make it flap', () => {
    const session = new Session();
    session.headroom = true;
    for (let swing = 0; swing < 60; swing += 1)
      session.hold(5, [one('fast', 6_000), one('slow', swing % 2 ? 6_000 : 3_000, { congested: swing % 2 === 0 })]);
    expect(session.moves).toBe(0);
  });

  test('property: the shared rate is a wish, too high for half of them at most; one split at a time and only with headroom', () => {
    const destination = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      wishKbps: fc.integer({ min: 50, max: 20_000 }),
      congested: fc.boolean(),
      sizeChangeAllowed: fc.boolean(),
      live: fc.boolean(),
      own: fc.boolean(),
    });
    const destinations = fc.uniqueArray(destination, { selector: ({ id }) => id });
    const step = fc.record({
      deltaUs: fc.integer({ min: -S, max: 30 * S }),
      sharedKbps: fc.integer({ min: 50, max: 20_000 }),
      headroom: fc.boolean(),
      busy: fc.boolean(),
      destinations,
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let state = initialShare();
        let atUs = 0;
        for (const { deltaUs, ...rest } of steps) {
          atUs += deltaUs;
          const stepped = stepShare(state, { atUs, ...rest });
          state = stepped.state;
          const { decision } = stepped;
          const sharing = rest.destinations.filter(({ live, own }) => live && !own);
          const allowed = sharing.length > 0 ? sharing.map(({ wishKbps }) => wishKbps) : [rest.sharedKbps];
          expect(allowed).toContain(decision.sharedKbps);
          expect(sharing.filter(({ wishKbps }) => wishKbps < decision.sharedKbps).length).toBeLessThanOrEqual(sharing.length / 2);
          expect(decision.verdicts.map(({ id }) => id)).toEqual(rest.destinations.map(({ id }) => id));
          expect(
            decision.verdicts.filter(({ id, place }) => place === 'split' && sharing.some((other) => other.id === id)).length,
          ).toBeLessThanOrEqual(rest.headroom && !rest.busy ? 1 : 0);
          expect(Object.keys(state).sort()).toEqual(rest.destinations.map(({ id }) => id).sort());
        }
      }),
    );
  });
});
