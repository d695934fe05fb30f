/** `dxo jobs list --web`: where the Temporal Web UI shows the same list, and the answers to what operators ask every day. */
import { InvalidRequestError } from '../client/errors.js';
import { everydayQueries, type JobFilter, jobFilterSchema, listQueryOf } from '../client/list-query.js';
import { parse } from '../client/parse-start.js';
import { fleetOf, type Session } from './session.js';
import { print, printJson } from './terminal.js';

const CLOUD_UI = 'https://cloud.temporal.io';
/** Namespaces of Temporal Cloud are `name.account`, at one of these. */
const CLOUD_HOST = /\.(tmprl\.cloud|api\.temporal\.io)(:\d+)?$/;

/** @param webUi of a server that we did not start, unless it is Temporal Cloud's. @throws InvalidRequestError */
export function printWebLinks(
  session: Session,
  filter: JobFilter,
  { webUi, json }: { webUi: string | undefined; json: true | undefined },
): void {
  const list = listPageOf(session, webUi);
  const linkOf = (query: string): string => `${list}?query=${encodeURIComponent(query)}`;
  const query = listQueryOf(parse(jobFilterSchema, filter, 'The filter is wrong'));
  const links = [{ question: 'this list', query }, ...everydayQueries(new Date())].map((asked) => ({
    ...asked,
    url: linkOf(asked.query),
  }));
  if (json) printJson({ links });
  else print(links.map(({ question, url }) => `${question}\n  ${url}`).join('\n'));
}

function listPageOf({ client, linkOf }: Session, webUi: string | undefined): string {
  // Every job's page lies below the list's.
  const ofAnyJob = linkOf('any');
  if (webUi === undefined && ofAnyJob !== undefined) return new URL('../workflows', ofAnyJob).href;
  const base = webUi ?? (CLOUD_HOST.test(fleetOf()?.address ?? '') ? CLOUD_UI : undefined);
  if (base === undefined || !URL.canParse(base)) {
    throw new InvalidRequestError(
      'Where the Web UI of this server is, is not known here: name it, as in `dxo jobs list --web http://localhost:8233`.',
      ['web'],
    );
  }
  return `${base.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(client.temporal.options.namespace)}/workflows`;
}
