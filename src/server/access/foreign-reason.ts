/**
 * Headers of a request -> why it is refused as one that a page of somebody else sent. Threats: a page in the person's
 * browser that asks this server (its requests carry Origin or Sec-Fetch-Site), and one whose name was made to resolve to
 * 127.0.0.1 (DNS rebinding: its Host is that name). Clients that are no browsers send neither header.
 */

export interface RequestSource {
  host: string | undefined;
  origin: string | undefined;
  /** Sec-Fetch-Site. */
  fetchSite: string | undefined;
  /** Somebody follows a link to a page: it shows nothing to whoever linked. */
  isNavigation: boolean;
}

export interface SourceRules {
  /** The port of a server for this machine alone: then Host must be it. */
  loopbackPort: number | undefined;
  /** Other origins whose pages may ask. */
  cors: readonly string[];
}

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const HTTP_PORT = 80;

/** `undefined`: it may go on. */
export function foreignReason(
  source: RequestSource,
  { loopbackPort, cors }: SourceRules,
): string | undefined {
  const { origin, fetchSite, isNavigation } = source;
  const host = source.host?.toLowerCase();
  if (loopbackPort !== undefined && !isLoopbackHost(host, loopbackPort))
    return `this server answers at localhost:${loopbackPort} only, and was asked as another host`;
  if (origin !== undefined)
    return isOwn(origin, host) || cors.includes(origin)
      ? undefined
      : "pages of other origins may not ask this server: --cors names those that may";
  if (fetchSite === undefined || fetchSite === "same-origin" || fetchSite === "none" || isNavigation)
    return undefined;
  return "pages of other sites may not ask this server";
}

function isLoopbackHost(host: string | undefined, port: number): boolean {
  return LOOPBACK_NAMES.some((name) => host === `${name}:${port}` || (port === HTTP_PORT && host === name));
}

/** A proxy in front may speak TLS: the scheme is not compared. */
function isOwn(origin: string, host: string | undefined): boolean {
  return /^https?:\/\/(.+)$/.exec(origin)?.[1] === host && host !== undefined;
}

/** An address that only this machine reaches. */
export function isLoopbackAddress(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
