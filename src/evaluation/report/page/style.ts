/** The style of the page: both themes, small screens, paper. Colours stand in pairs: light, dark. */

/** Of series in plots, by number; darker on light paper and lighter on dark (after Okabe and Ito 2008). */
const SERIES = [
  "#0072b2, #56b4e9",
  "#b35900, #e69f00",
  "#007a5a, #2fbf94",
  "#a6437c, #d997bd",
  "#5c5c00, #cfc94a",
  "#5b4bb5, #a89bf0",
];

/** Shares of full colour, in percent, from the neutral cell outwards. */
const HEAT = [0, 12, 24, 36, 48, 60];

const heat = HEAT.flatMap((share, i) => [
  `.h${5 - i}{fill:color-mix(in srgb,var(--low) ${share}%,var(--raised))}`,
  `.h${5 + i}{fill:color-mix(in srgb,var(--high) ${share}%,var(--raised))}`,
]).join("");

const series = SERIES.map((pair, i) => `.s${i}{--series:light-dark(${pair})}`).join("");

export const STYLE = `
:root{color-scheme:light dark;
--paper:light-dark(#fcfbf9,#171614);--surface:light-dark(#f5f3ef,#1d1c19);--raised:light-dark(#fff,#23221f);
--ink:light-dark(#24211d,#e8e4dc);--muted:light-dark(#675f57,#a59e93);--line:light-dark(#e3ded6,#34312c);
--line-strong:light-dark(#8f877c,#77706a);--accent:light-dark(#0f6a5f,#74cbbc);
--low:light-dark(#e07b00,#b35f00);--high:light-dark(#0072b2,#0a78b8);--point:light-dark(#0072b2,#56b4e9);
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
--mono:ui-monospace,"Cascadia Code",Menlo,Consolas,monospace}
*{box-sizing:border-box}
html{font:15px/1.55 var(--sans);background:var(--paper);color:var(--ink);-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0}
header,main,footer{max-width:78rem;margin:0 auto;padding:0 2rem}
header{padding-top:2.5rem;display:flex;flex-wrap:wrap;gap:.5rem 2rem;align-items:baseline;justify-content:space-between}
h1,h2,h3,h4{line-height:1.25;font-weight:600;margin:0;text-wrap:balance}
h1{font-size:1.7rem;letter-spacing:-.012em}
h2{font-size:1.4rem;letter-spacing:-.01em;margin-top:2.75rem}
h3{font-size:1.1rem;margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line)}
h4{font-size:.85rem;color:var(--muted)}
p{margin:.6rem 0;max-width:46rem}
a{color:var(--accent);text-underline-offset:.18em;text-decoration-thickness:1px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
small,.note,figcaption,caption{font-size:.85rem;color:var(--muted)}
small{font-weight:400;white-space:nowrap}tbody td>span{white-space:nowrap}
code,pre{font-family:var(--mono);font-size:.8rem;overflow-wrap:anywhere}
pre{white-space:pre-wrap;margin:.5rem 0;padding:.8rem 1rem;background:var(--surface);border-radius:.4rem;max-height:32rem;overflow:auto}
nav a{display:inline-block;padding:.2rem 0}nav ul{display:flex;flex-wrap:wrap;gap:0 1.2rem;list-style:none;margin:1rem 0 0;padding:0;font-size:.9rem}
.scroll{overflow-x:auto;margin:1rem 0 .5rem}
table{border-collapse:collapse;font-size:.85rem;line-height:1.4;font-variant-numeric:tabular-nums lining-nums;min-width:min(100%,24rem)}
caption{text-align:start;padding:0 0 .5rem;max-width:46rem}
th,td{padding:.3rem .55rem;text-align:start;vertical-align:baseline}
thead th{font-weight:500;color:var(--muted);vertical-align:bottom;border-bottom:1px solid var(--line-strong)}
thead td{border-bottom:0}
thead th[scope=colgroup]{text-align:center;border-bottom:0;padding-bottom:.1rem}.group{display:block;border-bottom:1px solid var(--line-strong);margin-left:.6rem}
tbody th{font-weight:500;overflow-wrap:anywhere;min-width:10rem;max-width:19rem}
tbody td{border-top:1px solid var(--line)}tbody th{border-top:1px solid var(--line)}
tbody tr:first-child>*{border-top:0}
tbody tr:hover>*{background:var(--surface)}
th:first-child,td:first-child{padding-left:0}
.n,.i{text-align:end}td.n,td.i{white-space:nowrap}
.i{color:var(--muted);font-size:.92em;padding-left:.1rem}
td:not(.n,.i){overflow-wrap:break-word}
figure{margin:1.5rem 0;break-inside:avoid}
figcaption{margin-bottom:.4rem;max-width:46rem}figure .scroll{margin:0}
svg{display:block;max-width:100%;height:auto;overflow:visible}
svg text{font:12px var(--sans);fill:var(--ink);font-variant-numeric:tabular-nums;unicode-bidi:isolate}
svg .tick,svg .value{fill:var(--muted);font-size:11px}
svg .name{font-size:11px}
.grid{stroke:var(--line);fill:none}.reference{stroke:var(--line-strong);stroke-dasharray:3 3;fill:none}
.wide{stroke:var(--point);stroke-width:1.3;fill:none}.strong{stroke:var(--point);stroke-width:5;opacity:.4;fill:none}
.point{fill:var(--point)}.bar{fill:var(--line)}
svg .cell{font-size:10.5px}svg .strong-cell{font-weight:700}.heat{stroke:none}
${heat}${series}
.line{stroke:var(--series);fill:none;stroke-width:1.7}.whisker{stroke:var(--series);fill:none;opacity:.55}.marker{fill:var(--series)}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));gap:0 2rem}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;list-style:none;padding:0;margin:1rem 0 0;font-size:.85rem}
.legend svg{display:inline-block;vertical-align:middle}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;margin:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem;font-size:.85rem;margin:1rem 0;max-width:60rem}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
.more{margin:1rem 0}summary{cursor:pointer}.more>summary{font-size:.9rem;color:var(--accent)}
.languages{display:flex;gap:.2rem}
button,select,input{font:inherit;font-size:.9rem;color:inherit;background:var(--raised);border:1px solid var(--line-strong);border-radius:.35rem;padding:.3rem .6rem}
button{cursor:pointer}button:disabled{cursor:default;color:var(--muted);border-color:var(--line)}
.languages button{border-color:transparent;background:none;color:var(--muted)}
.languages [aria-pressed=true]{color:var(--ink);border-color:var(--line-strong)}
.filters{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:end;margin:1rem 0}
.filters>div{display:grid;gap:.15rem}.filters label{font-size:.8rem;color:var(--muted)}
.filters select,.filters input{width:12rem;height:2.1rem}
.items{list-style:none;margin:0;padding:0;border-top:1px solid var(--line)}
.items>li{border-bottom:1px solid var(--line)}
.items summary{padding:.55rem 0;display:grid;grid-template-columns:.9rem 1fr auto;gap:.1rem;list-style:none}.items summary::before{content:"▸";color:var(--muted)}.items [open]>summary::before{content:"▾"}.tags{padding-left:1.5rem}
.items summary::-webkit-details-marker{display:none}
.items summary:hover .title{color:var(--accent)}
.items .title{overflow-wrap:anywhere}
.tags{display:flex;flex-wrap:wrap;gap:0 .9rem;font-size:.8rem;color:var(--muted);justify-content:flex-end;font-variant-numeric:tabular-nums}
.parts{display:grid;grid-template-columns:1fr 1fr;gap:1.1rem 2rem;padding:.4rem 0 1.6rem .9rem}
.part{grid-column:1/-1;min-width:0}.part.half{grid-column:auto}
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin-top:.25rem}
.pager{display:flex;gap:1rem;align-items:center;margin:1rem 0;font-size:.9rem}
footer{margin-top:4rem;padding-bottom:3rem;color:var(--muted);font-size:.85rem}
@media(max-width:44rem){.scroll>svg{max-width:none}caption{max-width:calc(100vw - 2rem)}header,main,footer{padding-left:1rem;padding-right:1rem}header{padding-top:1.5rem}
.parts{grid-template-columns:1fr}.items summary{grid-template-columns:.9rem 1fr}.tags{grid-column:2;padding:0;justify-content:flex-start}
tbody th{position:sticky;left:0;background:var(--paper);max-width:11rem;min-width:7rem}
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}
.filters>div,.filters select,.filters input{width:100%}}
@page{size:A4 landscape;margin:12mm}
@media print{:root{color-scheme:light}html{font-size:8.5pt;background:none}
header,main,footer{max-width:none;padding:0}header{padding:0}
nav,.languages,.filters,.pager,.browser li:not(:has(details[open])),.more:not([open]):not(.manifest .more){display:none}
.manifest .more::details-content{content-visibility:visible;display:block;block-size:auto}
section:has(.browser):not(:has(.browser details[open])){display:none}
.scroll{overflow:visible}table{max-width:100%;font-size:.78rem}th,td{padding:.2rem .35rem}
tbody th{min-width:0;position:static;background:none}
thead{display:table-header-group}tr,figure,li,dt{break-inside:avoid}h2,h3,h4,caption,figcaption{break-after:avoid}
pre{max-height:none;overflow:visible}svg,.scroll>svg{max-width:100%;max-height:165mm}
*{print-color-adjust:exact}}
`;
