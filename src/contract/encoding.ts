/** How a column becomes integers: the names that users of the Python SDK know [sdk]. */
import { z } from 'zod';

export const ENCODING_TYPES = [
  'AUTO',
  'TABULAR_CATEGORICAL',
  'TABULAR_NUMERIC_AUTO',
  'TABULAR_NUMERIC_DISCRETE',
  'TABULAR_NUMERIC_BINNED',
  'TABULAR_NUMERIC_DIGIT',
  'TABULAR_CHARACTER',
  'TABULAR_DATETIME',
  'TABULAR_DATETIME_RELATIVE',
  'TABULAR_LAT_LONG',
] as const;

export const encodingTypeSchema = z.enum(ENCODING_TYPES);
export type EncodingType = z.infer<typeof encodingTypeSchema>;
