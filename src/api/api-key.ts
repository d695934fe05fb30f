/** The shape of an API key, checked before it is put into a header. Whether it is valid, only the API knows. */
import { InputError } from '../contract/input-error.js';

/** @throws InputError api_key_malformed, which says what is wrong with the key and never quotes it. */
export function checkApiKey(key: string): void {
  const fault = faultOf(key);
  if (fault === undefined) return;
  throw new InputError('api_key_malformed', `The API key ${fault}. Check DATAXID_API_KEY.`, 'api_key');
}

function faultOf(key: string): string | undefined {
  if (key.trim() === '') return 'is empty';
  if (key.trim() !== key) return 'begins or ends with a space or line break; remove it';
  if (/\s/.test(key)) return 'has a space or line break inside; was it pasted with a piece of something else?';
  if (/[\x00-\x1f\x7f]/.test(key)) return 'has a control character inside; copy it again';
  if (/[^\x21-\x7e]/.test(key)) return 'has a character that is not ASCII; copy it again';
  return undefined;
}
