/** Platforms that take HEVC and AV1 by their own documentation, whatever their servers announce. */
const HOSTS = /(^|\.)(youtube\.com)$/;

export const isKnownToTakeEnhanced = (host: string): boolean => HOSTS.test(host.toLowerCase());
