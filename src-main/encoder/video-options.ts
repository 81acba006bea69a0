/** Constant rate: the peak is the average over a second, which gives an IDR the room its details need … */
export const VBV_S = 1;
/** … and over less while the link holds the rate down, since what a second lets out at once waits before a slow link. */
export const VBV_LIMITED_S = 0.4;
