/** A failure the user can do something about: its message is all they see. */
export class Failed extends Error {}

/** One progress line. @param {string} text */
export const say = (text) => console.log(`tidecast: ${text}`);
