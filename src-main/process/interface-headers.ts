/**
 * Headers under which the studio's interface is served, by the shell's app: scheme and by the browser host alike.
 * Cross-origin isolation gives SharedArrayBuffer; the policy lets scripts come from the app itself only.
 */

/** @param connect origins beside its own that the interface may talk to: the media listener, the engine */
export function interfaceHeaders(connect: string[] = ['ws://127.0.0.1:*']): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'", // positioning libraries write style attributes
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    `connect-src 'self' ${connect.join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return {
    'content-security-policy': policy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(self), microphone=(self), display-capture=(self)',
  };
}
