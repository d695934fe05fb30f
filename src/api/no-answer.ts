/** Says in words why no answer came. The original error is not kept: some quote what the server sent. */

const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, 'the connection was refused; is the server running, and is DATAXID_BASE_URL right?'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, "the host's name was not found; check DATAXID_BASE_URL and the network"],
  [/^(UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'no connection in the time allowed; check the network or proxy'],
  [/^(EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/, 'the host cannot be reached; check the network'],
  [/(CERT|TLS|SSL|SIGNATURE|ISSUER)/, 'no secure connection; check the certificate, the clock and DATAXID_BASE_URL'],
  [/^UND_ERR_HEADERS_TIMEOUT$/, 'the time allowed for an answer is over'],
  [/^(HPE_|HTTPParserError$)/, 'what came back is not HTTP'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, 'the connection was cut'],
];

export function describeNoAnswer(error: unknown, sent: boolean): string {
  const code = codeOf(error);
  const cause = CAUSES.find(([pattern]) => pattern.test(code))?.[1] ?? `the connection failed (${code})`;
  const outcome = sent ? 'whether the request was executed is unknown' : 'the request was not sent';
  return `no answer: ${cause}; ${outcome}`;
}

/** undici's parser leaves its code undefined, so the error's name serves too. */
function codeOf(error: unknown): string {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  return String(code ?? name);
}
