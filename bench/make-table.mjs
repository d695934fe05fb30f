/**
 * The table of 10 mixed columns that benches use: 3 categories, 3 numbers, 2 dates, a unique identifier, three words of text. The same
 * rows every time: everything follows from a hash of the row's number.
 */
import { DuckDBInstance } from '@duckdb/node-api';

export async function makeTable(rows, file) {
  const uniform = (salt) => `((hash(i * 64 + ${salt}) >> 11) / 9007199254740992.0)`;
  const oneOf = (texts, salt) =>
    `([${texts.map((text) => (text === null ? 'NULL' : `'${text}'`)).join()}])[1 + floor(${uniform(salt)} * ${texts.length})::INT]`;
  const normal = (salt) => `(sqrt(-2 * ln(1 - ${uniform(salt)})) * cos(2 * pi() * ${uniform(salt + 1)}))`;
  const words =
    'fast slow late early broken fine again never order parcel refund support thanks please color gift'.split(' ');
  const columns = [
    `${oneOf(['basic', 'plus', 'pro', null], 1)} AS segment`,
    `${oneOf(['TR', 'DE', 'FR', 'US', 'UK', 'NL', 'ES', 'IT', null], 2)} AS country`,
    // Of 400 cities the n-th is about n times as rare as the first.
    `'city ' || (floor(exp(${uniform(3)} * ln(401)))::INT - 1) AS city`,
    `18 + floor(list_sort([${[4, 5, 6, 7, 8, 9].map(uniform).join()}])[2] * 72)::INT AS age`,
    `printf('%.2f', exp(3.5 + 1.1 * ${normal(10)})) AS amount`,
    `CASE WHEN ${uniform(12)} >= 0.03 THEN printf('%.4f', ${normal(13)}) END AS score`,
    `DATE '2018-01-01' + floor(${uniform(15)} * 2500)::INT AS signup_date`,
    `TIMESTAMP '2022-01-01' + to_seconds(floor(${uniform(16)} * 9e7)::BIGINT) AS last_seen_at`,
    `printf('C%08d', (i * 7919) % 99999989) AS customer_id`,
    `concat_ws(' ', ${oneOf(words, 17)}, ${oneOf(words, 18)}, ${oneOf(words, 19)}) AS note`,
  ];
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (SELECT ${columns.join()} FROM range(${rows}) t(i)) TO '${file}' (FORMAT csv, HEADER)`);
  connection.closeSync();
  instance.closeSync();
}
