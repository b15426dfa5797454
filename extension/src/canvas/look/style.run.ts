/** Style of the run view. */
export const runStyle = `
.wfnb-runview.wfnb-cell{height:600px}
.wfnb-runlist h3{margin-top:2px}
.wfnb-runentry{cursor:pointer;gap:7px}
.wfnb-narrow .wfnb-runentry{gap:5px;padding-left:4px;padding-right:4px}.wfnb-narrow .wfnb-runentry .wfnb-going{display:none}
.wfnb-runentry.wfnb-on{background:var(--wfnb-brandbg)}
.wfnb-tone{color:var(--tone)}.wfnb-tone .wfnb-icon{width:13px;height:13px;stroke-width:2}
.wfnb-end{margin-left:auto;flex:none}
.wfnb-select{padding:0 4px;appearance:auto;color:var(--wfnb-text);background:var(--wfnb-panel)}
.wfnb-pairs{border-collapse:collapse;width:100%;table-layout:fixed}
.wfnb-pairs td{border-top:1px solid var(--wfnb-line);padding:4px 8px;vertical-align:top;overflow-wrap:anywhere;text-align:left}
.wfnb-pairs tr:last-child td{border-bottom:1px solid var(--wfnb-line)}
.wfnb-pairs td:first-child{width:40%}
.wfnb-facts{table-layout:auto}.wfnb-facts td:first-child{width:1%;white-space:nowrap}
.wfnb-pairs .wfnb-mono{font-size:11.5px}
.wfnb-pairs .wfnb-changed{background:color-mix(in srgb,var(--wfnb-ok) 12%,var(--wfnb-panel))}
.wfnb-pairs .wfnb-changed b{color:var(--wfnb-ok);font:600 11px var(--wfnb-font)}

.wfnb-timeline{position:relative;container-type:inline-size;padding:6px 0 0;--label:118px}
.wfnb-allbars{position:relative;width:100cqw}
.wfnb-narrow .wfnb-timeline{--label:92px}
.wfnb-bars{position:relative;height:106px;overflow-y:auto;overflow-x:hidden;scrollbar-width:thin;resize:none}
.wfnb-task{position:absolute;left:0;right:0;height:24px;border:0;background:none;padding:0;color:inherit;font:inherit;cursor:pointer;display:block;width:100%}
.wfnb-task:hover{background:var(--wfnb-hover)}
.wfnb-task.wfnb-picked{background:var(--wfnb-brandbg)}.wfnb-picked .wfnb-tasklabel{font-weight:700;color:var(--wfnb-text)}
.wfnb-gap{position:absolute;top:6px;bottom:14px;border:dashed var(--wfnb-dim);border-width:0 1px;background:color-mix(in srgb,var(--wfnb-dim) 14%,transparent);font-style:normal}
.wfnb-gap span{position:absolute;bottom:-14px;left:50%;transform:translateX(-50%);font:10px/13px var(--wfnb-font);color:var(--wfnb-dim);white-space:nowrap;background:var(--wfnb-bar);padding:0 3px}
.wfnb-tasklabel{position:absolute;left:14px;top:0;width:calc(var(--label) - 22px);font-size:11px;line-height:24px;color:var(--wfnb-dim);text-align:left;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.wfnb-lane{position:absolute;left:var(--label);right:56px;top:0;bottom:0;pointer-events:none}
.wfnb-span{position:absolute;top:5px;height:14px;min-width:2px;border-radius:3px;background:var(--bar,var(--wfnb-dim));opacity:.88}
.wfnb-pause{position:absolute;top:10px;height:4px;background:var(--wfnb-line);font:9.5px/1 var(--wfnb-font);color:var(--wfnb-dim);text-indent:4px;white-space:nowrap}
.wfnb-pause{line-height:0}
.wfnb-span.wfnb-is-failed{background:repeating-linear-gradient(135deg,var(--bar) 0 5px,color-mix(in srgb,var(--bar) 55%,var(--wfnb-bar)) 5px 8px)}.wfnb-span.wfnb-is-cancelled{background:none;border:1.5px dashed var(--bar)}
.wfnb-task.wfnb-later .wfnb-span{opacity:.3}
.wfnb-now{position:absolute;top:6px;bottom:22px;width:2px;margin-left:-1px;background:var(--wfnb-brand)}
.wfnb-slider{position:relative;height:34px;cursor:pointer;touch-action:none}
.wfnb-slider .wfnb-lane{display:block}.wfnb-root .wfnb-slider:focus-visible{outline-offset:-2px}
.wfnb-track{position:absolute;left:0;right:0;top:12px;height:3px;border-radius:2px;background:var(--wfnb-line)}
.wfnb-tick{position:absolute;top:9px;width:1px;height:9px;background:var(--wfnb-dim);opacity:.7}
.wfnb-thumb{position:absolute;top:6px;width:15px;height:15px;margin-left:-7.5px;border-radius:50%;background:var(--wfnb-brand);box-shadow:0 0 0 2px var(--wfnb-bar)}
.wfnb-thumb span{position:absolute;top:15px;left:50%;transform:translateX(-50%);font:600 10.5px/14px var(--wfnb-font);color:var(--wfnb-brandtext);white-space:nowrap}

.wfnb-transport{display:flex;align-items:center;gap:3px;padding:4px 12px 0;flex-wrap:wrap}
.wfnb-transport .wfnb-small[aria-pressed=true]{background:var(--wfnb-brandbg);color:var(--wfnb-brandtext)}
.wfnb-transport .wfnb-select{height:24px;font-size:11.5px}
.wfnb-jump{display:flex;align-items:center;gap:5px;margin-left:8px;font-size:11.5px;color:var(--wfnb-dim)}
.wfnb-jump input{width:58px;height:24px;text-align:right;font-variant-numeric:tabular-nums}
.wfnb-livemark{font-weight:700;letter-spacing:.06em;font-size:11px}
.wfnb-livemark::before{content:'';display:inline-block;width:8px;height:8px;border-radius:50%;margin-right:5px;border:1.5px solid currentColor}
.wfnb-livemark.wfnb-on{color:var(--wfnb-bad)}.wfnb-livemark.wfnb-on::before{background:currentColor}
.wfnb-counts{position:absolute;left:0;top:0;z-index:2}
.wfnb-count{position:absolute;left:0;top:0;padding:0 4px;border-radius:7px;font:600 10px/14px var(--wfnb-font);color:var(--wfnb-text);background:var(--wfnb-bar);border:1px solid var(--wfnb-line);white-space:nowrap}
.wfnb-heat .wfnb-shape{--heat:0%;background:color-mix(in srgb,var(--wfnb-warn) var(--heat),var(--wfnb-card))}
.wfnb-heat-1 .wfnb-shape{--heat:10%}.wfnb-heat-2 .wfnb-shape{--heat:20%}.wfnb-heat-3 .wfnb-shape{--heat:30%}
.wfnb-heat-4 .wfnb-shape{--heat:42%}.wfnb-heat-5 .wfnb-shape{--heat:55%}
.wfnb-dark .wfnb-heat-4 .wfnb-shape{--heat:35%}.wfnb-dark .wfnb-heat-5 .wfnb-shape{--heat:40%}.wfnb-heat.wfnb-form-card .wfnb-subtitle{color:var(--wfnb-text)}
.wfnb-change{display:flex;align-items:center;gap:5px;flex-wrap:wrap;padding:3px 8px;border-top:1px solid var(--wfnb-line)}
.wfnb-change .wfnb-statemark{height:auto}
.wfnb-was{display:block;color:var(--wfnb-dim);text-decoration:line-through}
.wfnb-childlist{max-height:150px;overflow:auto;display:grid;gap:2px}
.wfnb-beside{display:grid;grid-template:auto minmax(120px,1fr) minmax(90px,40%)/minmax(0,1fr) minmax(0,1fr);min-height:0;min-width:0;background:var(--wfnb-panel)}
.wfnb-besidename{min-width:0;overflow:hidden;padding:5px 12px;border-bottom:1px solid var(--wfnb-line);font-size:12px;display:flex;gap:8px;align-items:center}
.wfnb-besidename+.wfnb-besidename,.wfnb-besidestage+.wfnb-besidestage{border-left:1px solid var(--wfnb-line)}
.wfnb-besidestage{position:relative;min-width:0;min-height:0;overflow:hidden}
.wfnb-besiderows{grid-column:1/-1;display:grid;grid-template-rows:auto minmax(0,1fr);min-height:0;border-top:1px solid var(--wfnb-line)}
.wfnb-besiderows header{display:flex;gap:12px;align-items:center;padding:4px 12px;font-size:12px}
.wfnb-besidename b,.wfnb-origin{white-space:nowrap}
.wfnb-origin{display:inline-flex;align-items:center;gap:4px;font-size:12px;min-width:0;overflow:hidden}
.wfnb-besidemark{color:var(--wfnb-warn);font-weight:600}
.wfnb-comparewith{display:block;margin-top:14px}.wfnb-comparewith .wfnb-select{width:100%;height:28px}

.wfnb-rows{overflow:auto;min-width:0;min-height:0;font-size:12px;background:var(--wfnb-panel);scrollbar-width:thin;position:relative}
.wfnb-rows:focus-visible,.wfnb-bars:focus-visible{outline-offset:-2px!important}
.wfnb-row{display:grid;gap:10px;height:25px;line-height:25px;padding:0 12px;cursor:pointer}
[role=rowgroup]>.wfnb-row{position:absolute;left:0;right:0;border-bottom:1px solid var(--wfnb-line)}
.wfnb-row>span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.wfnb-rowhead{position:sticky;top:0;z-index:1;background:var(--wfnb-bar);border-bottom:1px solid var(--wfnb-line);color:var(--wfnb-dim);font-size:11px;cursor:default}
.wfnb-row:not(.wfnb-rowhead):hover{background:var(--wfnb-hover)}
.wfnb-row.wfnb-picked{box-shadow:inset 3px 0 var(--wfnb-brand)}.wfnb-row.wfnb-picked [role=gridcell]:first-child{font-weight:700}
.wfnb-row.wfnb-on{background:var(--wfnb-brandbg)}
.wfnb-row.wfnb-later{color:var(--wfnb-dim)}
.wfnb-number{text-align:right;font-variant-numeric:tabular-nums}
.wfnb-statemark{display:inline-flex;align-items:center;gap:5px;color:var(--bar,var(--wfnb-dim));height:25px}
.wfnb-statemark .wfnb-icon{width:12px;height:12px;stroke-width:2}
.wfnb-tight .wfnb-runlist{grid-row:2;grid-column:1/-1;justify-self:start;z-index:5;width:190px;box-shadow:4px 0 14px rgba(20,40,60,.18)}
.wfnb-tight .wfnb-runbar{flex-wrap:wrap}
.wfnb-root:not(.wfnb-tight) .wfnb-close{display:none}
.wfnb-runspanel{overflow:auto;padding:8px;background:var(--wfnb-panel)}
.wfnb-runspanel p{margin:6px 2px;white-space:pre-line}
.wfnb-runspanel summary{display:flex;gap:6px;align-items:center;padding:4px 2px;min-height:24px;cursor:pointer;font-weight:600}
.wfnb-runspanel .wfnb-entry small{font-size:11px}
`;
