#pragma once
// The page's style sheet: system fonts, dark on light, boxes that scroll on a narrow screen, and rules for paper.

#include <string_view>

namespace cuebench::html {

inline constexpr std::string_view kStyle = R"css(
:root{--ink:#1b1f24;--soft:#56616b;--line:#d8dee3;--wash:#f5f7f9;--accent:#0b5c8f}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:#fff;color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
main,header,footer{max-width:70rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.75rem}
h1{font-size:1.65rem;line-height:1.25;margin:.15rem 0 .9rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;line-height:1.3;margin:2.6rem 0 .6rem;padding-top:.9rem;border-top:1px solid var(--line)}
h3{font-size:1.02rem;margin:1.6rem 0 .4rem;overflow-wrap:anywhere}
p{margin:.5rem 0 .8rem;max-width:46rem}
p,li,td,dd{overflow-wrap:anywhere}
a{color:var(--accent)}
.eyebrow{color:var(--soft);font-size:.9rem;margin:0}
.badge{display:inline-block;border:1px solid currentColor;border-radius:.7rem;padding:0 .55rem;font-size:.8rem;margin-left:.35rem}
.badge.good{color:#0a6b4b}.badge.bad{color:#a33a00}
.answer{border-left:.35rem solid #8a949d;background:var(--wash);padding:.85rem 1.1rem;margin:.6rem 0;max-width:none;font-size:1.08rem}
.answer strong{display:block;font-size:1.18rem;line-height:1.35;margin-bottom:.3rem}
.answer.more_shape{border-color:#0072B2}.answer.less_shape{border-color:#D55E00}
.warning{border-left:.35rem solid #a33a00;background:#fdf3ec;padding:.6rem 1rem;margin:.6rem 0;max-width:none}
.facts{border-left:.35rem solid #8a949d;background:var(--wash);padding:.6rem 1rem;margin:.6rem 0}
.facts.bad{border-color:#a33a00;background:#fdf3ec}
.facts p{margin:0}.facts ul{margin:.2rem 0 0;padding-left:1.2rem}
.soft{color:var(--soft)}
.small{font-size:.88rem}
nav.contents{margin:1rem 0 0;font-size:.92rem}
nav.contents a{margin-right:1rem;white-space:nowrap;display:inline-block;line-height:1.9}
.scroll{overflow-x:auto;max-width:100%;margin:.6rem 0 1rem}
.scroll:focus-visible{outline:2px solid var(--accent)}
table{border-collapse:collapse;font-size:.9rem;line-height:1.35;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);font-size:.88rem;padding:0 0 .4rem;max-width:min(46rem,calc(100vw - 2rem))}
th,td{padding:.32rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;font-weight:400}
thead th{border-bottom:2px solid #9aa5ae;font-weight:600;vertical-align:bottom}
tbody th{white-space:normal;min-width:8.5rem;max-width:15rem;overflow-wrap:anywhere}
td.num{text-align:right;white-space:nowrap}
th.num{text-align:right;min-width:4.6rem;max-width:9rem}
th.num .swatch{white-space:nowrap}
td small{display:block;color:var(--soft);font-size:.78rem}
tr.group th{background:var(--wash);font-weight:600;color:var(--ink);border-bottom:1px solid #b9c3cb;max-width:none;position:static}
tr.group th span{position:sticky;left:.6rem}
td.missing{color:var(--soft)}
td.edge,th.edge{border-left:2px solid #b9c3cb}
.mark{display:inline-block;width:1.5em;text-align:left;padding-left:.25em;font-weight:700}
.up{color:#005a8c}.down{color:#a84700}.none{color:#7a858e}
.pin tbody th:first-child,.pin thead tr:first-child th:first-child{position:sticky;left:0;background:#fff;z-index:1}
figure{margin:.9rem 0 1.2rem}
figcaption{color:var(--soft);font-size:.88rem;max-width:46rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:0 1.2rem}
.plots figure{min-width:0}.plots .plot svg{min-width:26rem}
.plot svg{display:block;width:100%;min-width:34rem;max-width:52rem;height:auto}
.own svg{min-width:calc(.85*var(--width));max-width:calc(1.1*var(--width))}
.strip td{text-align:center;padding:.4rem .25rem;min-width:7.7rem}
.strip th{min-width:6.5rem;max-width:9rem}
.strip img{width:6rem;height:6rem;object-fit:contain;image-rendering:pixelated;display:block;margin:0 auto .25rem;border:1px solid var(--line)}
.say{display:block;font-size:.8rem;line-height:1.3;text-align:left;overflow-wrap:anywhere}
.right{color:#0a6b4b}.wrong{color:#a33a00}
.swatch{font-size:1.05em;margin-right:.2em}
.images td{min-width:5rem}.images th{min-width:7rem}
.images img{width:4rem;height:4rem;object-fit:contain;image-rendering:pixelated;display:block;border:1px solid var(--line)}
details{margin:.6rem 0;border:1px solid var(--line);border-radius:.3rem;padding:.3rem .8rem}
summary{cursor:pointer;font-weight:600;padding:.25rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;font-size:.92rem;margin:.5rem 0}
dt{color:var(--soft)}dd{margin:0;min-width:0}
pre{background:var(--wash);padding:.7rem .9rem;overflow-x:auto;font-size:.82rem;line-height:1.45;margin:.5rem 0}
code{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:.92em}
footer{padding-top:1.5rem;padding-bottom:2.5rem;color:var(--soft);font-size:.88rem}
@media(max-width:40rem){
main,header,footer{padding-left:.9rem;padding-right:.9rem}
h1{font-size:1.35rem}.answer{font-size:1rem;padding:.7rem .8rem}.answer strong{font-size:1.08rem}
th,td{padding:.3rem .4rem}
.pin tbody th:first-child{min-width:7.4rem;max-width:8rem}
dl{grid-template-columns:1fr}dd{margin-bottom:.35rem}
}
@media print{
@page{margin:14mm}
body{font-size:10pt}
main,header,footer{max-width:none;padding:0}
nav.contents{display:none}
.scroll{overflow:visible}
table{font-size:8pt}th,td{padding:.15rem .3rem}td small,th small{font-size:6.5pt}
.strip{table-layout:fixed;width:100%;font-size:6pt}.strip th,.strip td{min-width:0;padding:.1rem;overflow-wrap:anywhere}
.strip img{width:100%;max-width:3.6rem;height:auto}
.plots{grid-template-columns:1fr 1fr}.plots .plot svg{min-width:0}
.plot svg,.own svg{min-width:0}
.images img{width:2rem;height:2rem}
.pin th{position:static!important}
section,figure,tr,.answer,.scroll{break-inside:avoid}section{break-inside:auto}
h2,h3{break-after:avoid}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
)css";

}  // namespace cuebench::html
