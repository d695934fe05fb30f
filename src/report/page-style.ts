/** The page's look: the system's own fonts and colour scheme; nothing is fetched. Text contrasts at least 4.5 to 1, marks 3 to 1. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--page:#fff;--raised:#f5f7f9;--text:#1c2127;--muted:#535d68;--line:#c9d1d9;--link:#0a58b8;
--real:#5f94cc;--real-edge:#3a6ea5;--synthetic:#b4430a;--negative:#9a3b9e;--positive:#1d6fb8}
@media (prefers-color-scheme:dark){:root{--page:#12161b;--raised:#1b2128;--text:#e4e9ee;--muted:#a3adb8;--line:#3a444e;--link:#7db7ff;
--real:#35679b;--real-edge:#6fa3da;--synthetic:#ff9a57;--negative:#d883db;--positive:#6db1f2}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:1360px;margin:0 auto;padding:0 16px}
h1{font-size:1.6rem;line-height:1.2;margin:1.5rem 0 .5rem}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.25rem 0 .25rem}
p{margin:.25rem 0 .75rem;max-width:75ch}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--page);padding:8px}
.note,.facts{color:var(--muted)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:0 0 1rem}
.cards div{background:var(--raised);border:1px solid var(--line);border-radius:8px;padding:12px}
.cards dt{font-weight:600}.cards dd{margin:0}.cards .value{font-size:1.7rem;line-height:1.3;font-variant-numeric:tabular-nums}
.cards .note{font-size:.85rem;line-height:1.35}
.scroll{overflow-x:auto;margin:.5rem 0 1rem;border:1px solid var(--line);border-radius:6px;max-width:100%}
table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:8px 10px;color:var(--muted)}
th,td{padding:5px 10px;text-align:right;border-top:1px solid var(--line);white-space:nowrap}
thead th{background:var(--raised);vertical-align:bottom;white-space:normal;overflow-wrap:normal}
tbody th,thead th:first-child,.words{text-align:left}
tbody th{font-weight:400;white-space:normal;min-width:9rem}
.bar{width:40px;height:8px;margin-right:8px;vertical-align:middle}.track{fill:var(--line)}.level{fill:var(--real-edge)}
.columns{columns:340px 4;column-gap:16px}
.column{border:1px solid var(--line);border-radius:8px;padding:4px 16px 12px;margin-bottom:16px;break-inside:avoid}
.column p{font-size:.875rem;color:var(--muted)}.column strong{color:var(--text)}
svg{display:block;width:100%;height:auto}
svg.bar{display:inline-block}
svg text{font-size:12px;fill:var(--text)}
svg text.muted,svg text.others,svg text.null{fill:var(--muted)}
svg text.others,svg text.null{font-style:italic}
rect.real{fill:var(--real);stroke:var(--real-edge);stroke-width:.5}
.synthetic{fill:none;stroke:var(--synthetic);stroke-width:1.75}
.axis{stroke:var(--muted)}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:.875rem}
.legend>span{display:inline-flex;gap:6px;align-items:center;white-space:nowrap}
.swatch,.stroke{display:inline-block;width:22px;height:12px}
.swatch.real{background:var(--real);border:1px solid var(--real-edge)}.swatch.outline{border:2px solid var(--synthetic)}
.swatch.negative{background:var(--negative)}.swatch.positive{background:var(--positive)}.swatch.none{border:1px solid var(--line)}
.negative{fill:var(--negative)}.positive{fill:var(--positive)}.self{fill:var(--line)}.blank{fill:none;stroke:var(--line);stroke-dasharray:2 2}
figure{margin:0;min-width:0}figcaption{font-size:.875rem;margin:.25rem 0}
.matrices{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,280px),1fr));gap:20px;align-items:start;max-width:100%}
.matrices figure{max-width:440px}.matrices h3{margin-top:0}
.key{margin:0;padding-left:2rem;font-size:.875rem}
.distances{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:20px;align-items:start}
.distances figure{max-width:460px}
.curve{fill:none;stroke-width:2}
.curve.to-training{stroke:var(--synthetic)}.curve.to-holdout{stroke:var(--synthetic);stroke-dasharray:5 3}.curve.unseen{stroke:var(--real-edge);stroke-dasharray:1.5 2.5}
.stroke{height:0;border-top:3px solid var(--synthetic)}.stroke.to-holdout{border-top-style:dashed}.stroke.unseen{border-top:3px dotted var(--real-edge)}
summary{cursor:pointer;padding:4px 0}
.definitions dt{font-weight:600;margin-top:.75rem}.definitions dd{margin:0;max-width:80ch}
footer{margin-top:2rem;padding-bottom:2rem;color:var(--muted);font-size:.875rem}
@media print{details{display:none}}
`;
