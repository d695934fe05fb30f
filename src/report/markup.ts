/**
 * HTML and SVG as text that is safe by default: what is put into a template is escaped, unless it is markup itself. Column names
 * and values come from anybody's file.
 */
export class Markup {
  constructor(readonly text: string) {}
}

export type Part = string | number | Markup | readonly Part[];

/** A tagged template: `` markup`<td>${name}</td>` ``. */
export function markup(texts: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(texts.reduce((all, text, i) => `${all}${textOf(parts[i - 1]!)}${text}`));
}

function textOf(part: Part): string {
  if (part instanceof Markup) return part.text;
  return typeof part === 'object' ? part.map(textOf).join('') : escapeText(String(part));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // No character of HTML at all.
  '\u0000': '\ufffd',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"'\u0000]/g, (sign) => ESCAPES[sign]!);
}
