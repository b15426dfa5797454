/** Style of the Python beside the drawing, and of the file that it is kept in. */
export const sourceStyle = `
.wfnb-root>.wfnb-source{grid-row:2;grid-column:1;width:var(--wfnb-sourcewidth,420px);min-width:280px;display:flex;flex-direction:column;min-height:0;border-right:1px solid var(--wfnb-line);background:var(--wfnb-panel)}
.wfnb-code{flex:1;min-height:0;overflow:auto;display:grid;grid-template:minmax(max-content,1fr)/minmax(max-content,1fr);scrollbar-width:thin;counter-reset:wfnb-line;--wfnb-gutter:44px}
.wfnb-code .wfnb-codecopy,.wfnb-code .wfnb-codearea{grid-area:1/1;margin:0;border:0;padding:10px 16px 10px var(--wfnb-gutter);font:12.5px/1.55 var(--wfnb-mono);tab-size:4;white-space:pre;letter-spacing:0;font-variant-ligatures:none}
.wfnb-code .wfnb-codecopy{pointer-events:none;color:var(--wfnb-text);overflow:hidden}
.wfnb-code .wfnb-codearea{width:100%;height:100%;resize:none;overflow:hidden;background:none;color:transparent;caret-color:var(--wfnb-text);outline-offset:-2px}
.wfnb-codearea::selection{background:color-mix(in srgb,var(--wfnb-brand) 28%,transparent);color:transparent}
.wfnb-codeline{position:relative}
.wfnb-codeline::before{counter-increment:wfnb-line;content:counter(wfnb-line);position:absolute;left:calc(-1*var(--wfnb-gutter));width:calc(var(--wfnb-gutter) - 14px);text-align:right;color:var(--wfnb-dim);font-size:11px}
.wfnb-wrongline{background:color-mix(in srgb,var(--wfnb-bad) 9%,transparent)}.wfnb-wrongline::before{content:'⚠ ' counter(wfnb-line);color:var(--wfnb-bad)}
.wfnb-wrong{text-decoration:underline wavy var(--wfnb-bad);text-underline-offset:3px;text-decoration-skip-ink:none}
.wfnb-tok-comment{color:var(--wfnb-dim);font-style:italic}.wfnb-tok-text{color:var(--wfnb-ok)}.wfnb-tok-number{color:var(--wfnb-wait)}.wfnb-tok-word{color:var(--wfnb-run);font-weight:600}.wfnb-tok-call{color:var(--wfnb-run)}
.wfnb-codefoot{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:center;padding:6px 12px;border-top:1px solid var(--wfnb-line);background:var(--wfnb-bar);font-size:12px;overflow-wrap:anywhere;max-height:40%;overflow:auto}
.wfnb-codefoot>span{display:inline-flex;gap:6px;align-items:center;min-width:0}.wfnb-codefoot .wfnb-icon{width:14px;height:14px}
.wfnb-codefoot .wfnb-button{height:24px;margin-left:auto}
.wfnb-tight .wfnb-toolbar>[data-action=fit]{display:none}
.wfnb-savedstate{display:inline-flex;gap:5px;align-items:center;border:0;background:none;font:inherit;padding:2px 4px;min-height:24px;border-radius:4px;cursor:pointer;white-space:nowrap}
.wfnb-savedstate>span:last-child{overflow:hidden;text-overflow:ellipsis}.wfnb-savedstate:hover{background:var(--wfnb-hover)}
.wfnb-saved-unsaved,.wfnb-saved-conflict,.wfnb-saved-apart{color:var(--wfnb-bad);font-weight:600}.wfnb-savedstate .wfnb-icon{width:14px;height:14px}
.wfnb-conflict{position:absolute;left:12px;right:12px;top:12px;z-index:6;max-width:640px;max-height:calc(100% - 24px);overflow:auto;margin:0 auto;padding:10px 12px;border:1px solid var(--wfnb-bad);border-radius:8px;background:var(--wfnb-panel);box-shadow:0 6px 22px rgba(20,40,60,.26);font-size:12px}
.wfnb-conflict>header{display:flex;gap:7px;align-items:center;color:var(--wfnb-bad)}.wfnb-conflict>footer{display:flex;flex-wrap:wrap;gap:8px;justify-content:flex-end;margin-top:8px}
.wfnb-sides{display:grid;grid-template-columns:1fr 1fr;gap:12px}.wfnb-sides h3{margin:8px 0 2px}
.wfnb-root .wfnb-changes{list-style:none;margin:0;padding:0;font:11px/1.5 var(--wfnb-mono);overflow-wrap:anywhere}
.wfnb-changes [data-fate=added]{color:var(--wfnb-ok)}.wfnb-changes [data-fate=removed]{color:var(--wfnb-bad)}.wfnb-changes [data-fate=changed]{color:var(--wfnb-warn)}
.wfnb-revisions{right:auto;left:12px;width:min(420px,calc(100% - 24px))}.wfnb-revisions>header{display:flex;justify-content:space-between;align-items:center}
.wfnb-root .wfnb-revisions ol{list-style:none;margin:6px 0 0;padding:0}.wfnb-revisions ol>li{display:grid;grid-template-columns:1fr auto;gap:2px 8px;align-items:center;padding:6px 0;border-top:1px solid var(--wfnb-line)}
.wfnb-buttons{display:inline-flex;gap:4px}
.wfnb-versions{grid-area:1/1/-1/-1;display:grid;grid-template:auto minmax(0,1fr)/minmax(0,1fr) auto;min-height:0;min-width:0;background:var(--wfnb-panel)}
.wfnb-versions>.wfnb-toolbar{min-height:31px}.wfnb-versions .wfnb-heading{max-width:none}.wfnb-legend{display:inline-flex;gap:10px;overflow:hidden;font-weight:600;font-size:12px}
.wfnb-versions .wfnb-changes li{padding:3px 0}.wfnb-changes .wfnb-link{border:0;background:none;padding:0;min-height:24px;min-width:24px;cursor:pointer;font:inherit;color:inherit;text-align:left;overflow-wrap:anywhere}.wfnb-changes .wfnb-link:hover{text-decoration:underline}
.wfnb-tight .wfnb-versions{grid-template:auto minmax(0,1fr) minmax(0,34%)/minmax(0,1fr)}.wfnb-tight .wfnb-versions>.wfnb-inspector{grid-column:1;max-width:none;width:auto;justify-self:stretch;border-top:1px solid var(--wfnb-line)}
.wfnb-legend [data-fate=added],.wfnb-flag-added,.wfnb-count.wfnb-fate-added{color:var(--wfnb-ok)}.wfnb-legend [data-fate=removed],.wfnb-flag-removed,.wfnb-count.wfnb-fate-removed{color:var(--wfnb-bad)}
.wfnb-legend [data-fate=changed],.wfnb-flag-changed,.wfnb-count.wfnb-fate-changed{color:var(--wfnb-warn)}.wfnb-changes [data-fate=renamed],.wfnb-legend [data-fate=renamed],.wfnb-flag-renamed{color:var(--wfnb-wait)}
.wfnb-changes [data-fate=moved],.wfnb-legend [data-fate=moved],.wfnb-flag-moved{color:var(--wfnb-run)}
.wfnb-revisions ol>li>ul{grid-column:1/-1}.wfnb-revisions .wfnb-button:not(.wfnb-small){height:24px}
`;
