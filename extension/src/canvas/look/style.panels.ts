/** Style of what stands around the drawing. */
export const panelStyle = `
.wfnb-root>.wfnb-palette{grid-row:2;grid-column:1}.wfnb-root>.wfnb-stage{grid-row:2;grid-column:2}.wfnb-root>.wfnb-inspector{grid-row:2;grid-column:3}
.wfnb-toolbar{grid-row:1;grid-column:1/-1;display:flex;align-items:center;gap:8px;min-height:42px;padding:5px 12px;border-bottom:1px solid var(--wfnb-line);background:var(--wfnb-bar);white-space:nowrap;min-width:0;overflow:hidden;flex-wrap:wrap}
.wfnb-toolbar>.wfnb-state{flex:99 1 0;max-width:max-content}
.wfnb-snug .wfnb-toolbar:has([data-run-state])>:is([data-action=zoom],[data-action=properties]),.wfnb-scant .wfnb-toolbar:has([data-run-state])>[data-action=problems],.wfnb-toolbar:has([data-run-state=gone])>:is([data-action=zoom],[data-action=properties],[data-action=problems]){display:none}
.wfnb-snug .wfnb-toolbar:has([data-run-state]):has([data-action=signal],.wfnb-paused)>[data-action=problems],.wfnb-narrow .wfnb-toolbar:has([data-action=signal]):has(.wfnb-paused)>:is([data-action=layout],[data-action=fit]){display:none}
.wfnb-tight .wfnb-toolbar:has(.wfnb-paused)>[data-action=layout]{display:none}.wfnb-tight .wfnb-toolbar:has(.wfnb-paused)>[data-action=cancel]{font-size:0;gap:0}
.wfnb-crumbs{display:flex;align-items:center;gap:5px;white-space:nowrap}.wfnb-crumbs>*{overflow:hidden;text-overflow:ellipsis}.wfnb-crumbs b{font-weight:600}
.wfnb-crumb{border:0;background:none;padding:2px 0;font:inherit;color:var(--wfnb-brandtext);cursor:pointer;min-width:24px;min-height:24px}.wfnb-crumb:hover{text-decoration:underline}
.wfnb-heading{font-size:14px;font-weight:600;overflow:hidden;text-overflow:ellipsis;max-width:40%;min-width:48px;flex:0 1 auto}
.wfnb-toolbar>[data-action=run],.wfnb-toolbar>[data-action=cancel]{position:sticky;right:0;z-index:1}.wfnb-toolbar>[data-action=cancel]{background:var(--wfnb-panel)}
.wfnb-parts{display:flex;flex-wrap:wrap;height:1.4em;overflow:hidden;white-space:pre}.wfnb-parts::before{content:'';width:0;height:1.4em}
.wfnb-tight .wfnb-toolbar{gap:5px;padding:5px 8px}.wfnb-slim .wfnb-toolbar>[data-action=layout]{display:none}.wfnb-slim .wfnb-toolbar>[data-run-state]{order:1}.wfnb-tight .wfnb-toolbar .wfnb-button:not(.wfnb-square),.wfnb-tight .wfnb-toolbar .wfnb-segment{padding:0 7px}
.wfnb-state{color:var(--wfnb-dim);overflow:hidden;text-overflow:ellipsis;min-width:0}
.wfnb-button,.wfnb-segment{display:inline-flex;align-items:center;justify-content:center;gap:5px;font:inherit;color:inherit;background:var(--wfnb-panel);border:1px solid var(--wfnb-line);border-radius:5px;height:27px;padding:0 9px;cursor:pointer;flex:none}
.wfnb-button:hover:not(:disabled,[aria-disabled=true]){background:var(--wfnb-hover)}
.wfnb-button:is(:disabled,[aria-disabled=true]){opacity:.45;cursor:default}
.wfnb-button.wfnb-square{width:30px;padding:0}.wfnb-button .wfnb-icon{width:15px;height:15px}
.wfnb-button.wfnb-on{color:var(--wfnb-brandtext);background:var(--wfnb-brandbg)}
.wfnb-button.wfnb-plainbutton{border-color:transparent;background:none;color:var(--wfnb-dim);padding:0 4px;min-width:48px}
.wfnb-button.wfnb-small{height:24px;width:24px;padding:0;border-color:transparent;background:none;color:var(--wfnb-dim)}
.wfnb-button.wfnb-primary{background:var(--wfnb-brand);border-color:var(--wfnb-brand);color:var(--wfnb-ontint);font-weight:600;padding:0 11px}
.wfnb-button.wfnb-primary:hover:not(:disabled,[aria-disabled=true]){background:color-mix(in srgb,var(--wfnb-brand) 88%,var(--wfnb-text))}
.wfnb-button.wfnb-danger{color:var(--wfnb-bad)}
.wfnb-segments{display:inline-flex;border:1px solid var(--wfnb-line);border-radius:5px;overflow:hidden;flex:none}
.wfnb-segment{border:0;border-radius:0;height:25px}.wfnb-root .wfnb-segment:focus-visible,.wfnb-root .wfnb-entry:focus-visible,.wfnb-root button.wfnb-line:focus-visible,.wfnb-root .wfnb-firing:focus-visible{outline-offset:-2px}
.wfnb-segment[aria-pressed=true],.wfnb-segment[aria-selected=true]{background:var(--wfnb-brandbg);color:var(--wfnb-brandtext);font-weight:600}
.wfnb-pill{display:inline-flex;align-items:center;gap:5px;border:0;border-radius:12px;height:24px;padding:0 10px;font:600 12px/1 var(--wfnb-font);flex:none;color:var(--tone);background:color-mix(in srgb,var(--tone) 12%,var(--wfnb-panel));--tone:var(--wfnb-dim)}
button.wfnb-pill{cursor:pointer}.wfnb-root .wfnb-pill{border-radius:12px}
.wfnb-pill .wfnb-icon{width:13px;height:13px;stroke-width:2}
.wfnb-tone-dim{--tone:var(--wfnb-dim)}.wfnb-tone-ok{--tone:var(--wfnb-ok)}.wfnb-tone-warn{--tone:var(--wfnb-warn)}.wfnb-tone-bad{--tone:var(--wfnb-bad)}.wfnb-tone-run{--tone:var(--wfnb-run)}.wfnb-tone-wait{--tone:var(--wfnb-wait)}

.wfnb-palette,.wfnb-inspector,.wfnb-side{overflow:auto;font-size:12px;background:var(--wfnb-panel);min-height:0;scrollbar-width:thin}
.wfnb-palette{width:178px;padding:10px;border-right:1px solid var(--wfnb-line)}
.wfnb-inspector{width:262px;padding:12px;border-left:1px solid var(--wfnb-line)}
.wfnb-narrow .wfnb-palette{width:150px}.wfnb-narrow .wfnb-inspector{width:226px}
.wfnb-tight>.wfnb-stage{grid-column:2/4}
.wfnb-tight .wfnb-inspector{grid-column:2/4;max-width:85%;justify-self:end;z-index:5;box-shadow:-4px 0 14px rgba(20,40,60,.18)}
.wfnb-root h3{font-size:11px;line-height:1.4;color:var(--wfnb-dim);font-weight:600;margin:14px 0 5px;letter-spacing:.02em}
.wfnb-entry{display:flex;gap:8px;align-items:center;width:100%;min-height:24px;padding:3.5px 6px;border:0;border-radius:5px;background:none;color:inherit;font:inherit;text-align:left;cursor:grab;touch-action:none;user-select:none}
.wfnb-entry:hover{background:var(--wfnb-hover)}
.wfnb-entry>i{width:19px;height:19px;flex:none;border:1px solid var(--wfnb-line);border-radius:4px;background:var(--wfnb-bar);color:var(--wfnb-dim);display:grid;place-items:center}
.wfnb-entry .wfnb-icon{width:13px;height:13px}
.wfnb-entry>span{min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.wfnb-root .wfnb-entry code,.wfnb-runspanel .wfnb-entry code{font:11px/1.3 var(--wfnb-mono)}
.wfnb-entry small{display:block;color:var(--wfnb-dim);font-size:10.5px;line-height:1.25;overflow:hidden;text-overflow:ellipsis}
.wfnb-ghost{position:fixed;z-index:10000;pointer-events:none;padding:6px 12px 6px 10px;border:1px solid var(--wfnb-brand);border-radius:7px;background:var(--wfnb-card);box-shadow:0 4px 14px rgba(20,40,60,.25);font-size:12px;font-weight:600;display:flex;gap:7px;align-items:center;transform:translate(-50%,-50%)}
.wfnb-hint{color:var(--wfnb-dim);margin:4px 0;font-size:11.5px;line-height:1.45}

.wfnb-input{width:100%;font:inherit;color:inherit;background:var(--wfnb-panel);border:1px solid var(--wfnb-edge);border-radius:5px;padding:4px 7px;min-width:0;line-height:1.35}
.wfnb-input:focus{outline:2px solid var(--wfnb-brand);outline-offset:-1px}
.wfnb-input::placeholder{color:color-mix(in srgb,var(--wfnb-text) 55%,var(--wfnb-panel));opacity:1}
.wfnb-input.wfnb-fx{font-family:var(--wfnb-mono);font-size:11.5px}
.wfnb-input[aria-invalid=true]{border-color:var(--wfnb-bad)}
.wfnb-input.wfnb-warned{border-color:var(--wfnb-warn)}
textarea.wfnb-input{resize:vertical;min-height:62px;display:block}
.wfnb-fxhold{display:block;position:relative}.wfnb-rowline .wfnb-fxhold{flex:1;min-width:0}
.wfnb-fxcopy{position:absolute;left:1px;right:1px;top:1px;padding:4px 7px;font:11.5px/1.35 var(--wfnb-mono);white-space:pre;overflow:hidden;color:transparent;pointer-events:none}
.wfnb-fxcopy u{text-decoration:underline wavy var(--wfnb-bad);text-decoration-thickness:1.5px;text-underline-offset:2px;text-decoration-skip-ink:none}
.wfnb-names{position:absolute;z-index:9;left:0;right:0;top:27px;margin:0;padding:3px;list-style:none;max-height:172px;overflow:auto;scrollbar-width:thin;border:1px solid var(--wfnb-line);border-radius:6px;background:var(--wfnb-panel);box-shadow:0 6px 18px rgba(20,40,60,.24)}
.wfnb-names li{display:flex;gap:8px;align-items:baseline;padding:2.5px 6px;min-height:24px;border-radius:4px;border-left:3px solid transparent;cursor:pointer;min-width:0}
.wfnb-names li[aria-selected=true]{background:var(--wfnb-brandbg);border-left-color:var(--wfnb-brand)}
.wfnb-root .wfnb-names code{font:11.5px/1.4 var(--wfnb-mono);white-space:nowrap;overflow:hidden;text-overflow:ellipsis;flex:none;max-width:70%}
.wfnb-names small{margin-left:auto;color:var(--wfnb-dim);font-size:10.5px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;min-width:0}
.wfnb-about{display:block;margin-top:2px;color:var(--wfnb-dim);font-size:11px;line-height:1.4;overflow-wrap:anywhere}
.wfnb-field{display:block;margin:9px 0 0}
.wfnb-caption{display:flex;gap:8px;align-items:baseline;color:var(--wfnb-dim);margin-bottom:3px}
.wfnb-caption .wfnb-type{margin-left:auto;font:10.5px var(--wfnb-mono);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.wfnb-trouble{display:block;margin-top:3px;font-size:11px;line-height:1.4;color:var(--wfnb-bad);overflow-wrap:anywhere}
.wfnb-trouble.wfnb-warning{color:var(--wfnb-warn)}.wfnb-trouble.wfnb-advice{color:var(--wfnb-dim)}
.wfnb-inspector>header{display:flex;gap:6px;align-items:baseline;min-width:0}
.wfnb-inspector>header b{font-size:13px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.wfnb-inspector>header .wfnb-button{align-self:center}
.wfnb-columns{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:6px}
.wfnb-columns small,.wfnb-inputs small{display:block;color:var(--wfnb-dim);font-size:10.5px;margin-bottom:2px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.wfnb-narrow .wfnb-columns{grid-template-columns:minmax(0,1fr) minmax(0,1.4fr) minmax(0,.8fr)}
.wfnb-rowline{display:flex;gap:4px;align-items:center;margin-top:5px}
.wfnb-guard{border:1px solid var(--wfnb-line);border-radius:6px;padding:6px 7px;margin-top:6px;background:var(--wfnb-bar)}
.wfnb-guard header{display:flex;align-items:center;gap:2px;margin-bottom:4px}
.wfnb-guard header b{font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;flex:1}
.wfnb-lastrun{margin:10px 0 0;padding:1px 8px 7px;border:1px solid var(--wfnb-line);border-radius:6px;background:var(--wfnb-bar)}
.wfnb-lastrun h3{margin:6px 0 2px}.wfnb-lastrun p{margin:0}
.wfnb-lastrun .wfnb-trouble{margin-top:4px;font-weight:600;white-space:pre-wrap}
.wfnb-root pre.wfnb-text{word-break:normal;margin:6px 0 0;max-height:190px;overflow:auto;font:10.5px/1.45 var(--wfnb-mono);white-space:pre;user-select:text;scrollbar-width:thin}
.wfnb-check{display:flex;gap:6px;align-items:center;margin-top:3px;min-height:24px;color:var(--wfnb-dim);cursor:pointer}
.wfnb-check input{margin:0;accent-color:var(--wfnb-brand)}

.wfnb-footer{position:relative;grid-row:3;grid-column:1/-1;border-top:1px solid var(--wfnb-line);background:var(--wfnb-bar);font-size:12px;min-width:0}
.wfnb-line{display:flex;gap:12px;align-items:baseline;padding:6px 12px;min-width:0;width:100%;border:0;background:none;color:inherit;font:inherit;text-align:left}
.wfnb-line+.wfnb-line,.wfnb-problem+.wfnb-problem{border-top:1px solid var(--wfnb-line)}
.wfnb-problem{display:flex;align-items:center;padding-right:10px}.wfnb-problem>.wfnb-line{flex:1}.wfnb-problem>.wfnb-button{height:24px;padding:0 8px;font-size:11.5px}
.wfnb-findings{position:absolute;left:0;right:0;bottom:100%;z-index:6;display:grid;grid-template:minmax(0,1fr)/minmax(0,1fr) minmax(280px,38%);max-height:min(290px,46vh);background:var(--wfnb-panel);border-top:1px solid var(--wfnb-line);box-shadow:0 -4px 14px rgba(20,40,60,.18)}
.wfnb-problemlist{overflow:auto;scrollbar-width:thin;list-style:none;margin:0;padding:0;min-width:0}
.wfnb-properties{overflow:auto;scrollbar-width:thin;border-left:1px solid var(--wfnb-line);padding:0 12px 8px;min-width:0}
.wfnb-properties[aria-busy=true] ul{opacity:.6}
.wfnb-properties h3{margin:8px 0 2px}.wfnb-properties ul{list-style:none;margin:0;padding:0}
.wfnb-properties li{display:flex;gap:10px;align-items:baseline;padding:2.5px 0;min-height:24px}
.wfnb-verdictword .wfnb-iconhold{align-self:center}
.wfnb-findings.wfnb-only{grid-template-columns:minmax(0,1fr)}.wfnb-only .wfnb-properties{border-left:0}
.wfnb-root:not(.wfnb-narrow,.wfnb-tight) .wfnb-only ul{columns:2;column-gap:32px}.wfnb-only li{break-inside:avoid}
.wfnb-verdictword{display:inline-flex;gap:5px;align-items:baseline;flex:0 0 92px;font-weight:600;white-space:nowrap}
.wfnb-propertyname{flex:1;min-width:0}.wfnb-propertyname small{display:block;color:var(--wfnb-dim);font-size:11px;line-height:1.35;overflow-wrap:anywhere}
.wfnb-properties .wfnb-button{height:24px;padding:0 8px;font-size:11.5px;align-self:center}
.wfnb-narrow .wfnb-findings,.wfnb-tight .wfnb-findings{grid-template:auto/minmax(0,1fr);overflow:auto}
.wfnb-narrow .wfnb-problemlist,.wfnb-narrow .wfnb-properties,.wfnb-tight .wfnb-problemlist,.wfnb-tight .wfnb-properties{overflow:visible;border-left:0}
.wfnb-steps .wfnb-hint{overflow-wrap:anywhere}
.wfnb-stepbar{gap:3px;margin:8px 0}.wfnb-stepbar .wfnb-end{font-variant-numeric:tabular-nums;white-space:nowrap}
.wfnb-firings{list-style:none;margin:0;padding:0}
.wfnb-firing{display:flex;width:100%;border:0;border-left:3px solid transparent;border-radius:0 5px 5px 0;background:none;color:inherit;font:inherit;text-align:left;padding:4px 8px;cursor:pointer;overflow-wrap:anywhere}
.wfnb-firing:hover{background:var(--wfnb-hover)}.wfnb-firing.wfnb-later{color:var(--wfnb-dim)}
.wfnb-firings [aria-current] .wfnb-firing{border-left-color:var(--wfnb-brand);background:var(--wfnb-brandbg);font-weight:600}
.wfnb-verdict{font-weight:600}
.wfnb-more{margin-top:10px;border-top:1px solid var(--wfnb-line);padding-top:2px}
.wfnb-more>summary{cursor:pointer;line-height:24px;color:var(--wfnb-dim);font-weight:600;font-size:11px}
.wfnb-member{flex:1;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.wfnb-membership{margin-top:12px;justify-content:space-between}
.wfnb-asks{position:absolute;right:12px;top:12px;z-index:4;width:min(290px,calc(100% - 24px));max-height:calc(100% - 24px);overflow:auto;scrollbar-width:thin;padding:9px 12px;border:1px solid var(--wfnb-wait);border-radius:8px;background:var(--wfnb-panel);box-shadow:0 6px 22px rgba(20,40,60,.26);font-size:12px}
.wfnb-asks>header{display:flex;gap:7px;align-items:center;color:var(--wfnb-wait)}.wfnb-asks>header .wfnb-button{margin-left:auto}
.wfnb-answer{border-top:1px solid var(--wfnb-line);margin-top:8px;padding-top:6px}
.wfnb-answer footer{display:flex;justify-content:flex-end;gap:8px;margin-top:10px}
.wfnb-asktitle{border:0;background:none;padding:0;min-height:24px;min-width:24px;text-align:left;font:600 12px var(--wfnb-font);color:inherit;cursor:pointer}.wfnb-asktitle:hover{text-decoration:underline}
.wfnb-prompt{margin:3px 0 0;white-space:pre-line;overflow-wrap:anywhere}
.wfnb-summary>.wfnb-first{flex:1;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.wfnb-summary>.wfnb-dim{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;min-width:0}
button.wfnb-line{cursor:pointer}button.wfnb-line:hover{background:var(--wfnb-hover)}
.wfnb-line .wfnb-icon{width:13px;height:13px;stroke-width:1.8;align-self:center}
.wfnb-line>b{white-space:nowrap}
.wfnb-root .wfnb-line code{font:11px var(--wfnb-mono);color:var(--wfnb-dim);flex:none}
.wfnb-line>span.wfnb-what{min-width:0;overflow-wrap:anywhere;white-space:pre-line}
.wfnb-severity-error{color:var(--wfnb-bad)}.wfnb-severity-warning{color:var(--wfnb-warn)}.wfnb-severity-advice{color:var(--wfnb-dim)}
.wfnb-toast{position:absolute;grid-row:2;grid-column:2;left:12px;right:12px;bottom:14px;width:fit-content;max-height:calc(100% - 28px);overflow:auto;margin:0 auto;z-index:6;display:flex;gap:10px;align-items:flex-start;max-width:520px;padding:8px 8px 8px 12px;border:1px solid var(--wfnb-bad);border-radius:7px;background:var(--wfnb-panel);box-shadow:0 4px 16px rgba(20,40,60,.25);font-size:12px;white-space:pre-line;overflow-wrap:anywhere}
.wfnb-toast.wfnb-calm{border-color:var(--wfnb-line)}
.wfnb-alignbar,.wfnb-aim{position:absolute;left:0;right:0;top:10px;width:fit-content;max-width:calc(100% - 16px);margin:0 auto;z-index:3;border:1px solid var(--wfnb-line);border-radius:7px;background:var(--wfnb-panel);box-shadow:0 2px 10px rgba(20,40,60,.18)}
.wfnb-alignbar{display:flex;gap:1px;padding:3px}.wfnb-alignbar .wfnb-button{width:26px;height:24px;border-color:transparent;background:none}.wfnb-alignbar i{width:1px;margin:3px 3px;background:var(--wfnb-line)}
.wfnb-aim{z-index:4;display:flex;flex-wrap:wrap;gap:3px 12px;padding:6px 11px;font-size:12px;border-color:var(--wfnb-brand);pointer-events:none}.wfnb-aim b{font-weight:600}
.wfnb-root :is(.wfnb-shortcuts,.wfnb-aim) kbd{font:11px/1.5 var(--wfnb-font);padding:0 5px;border:1px solid var(--wfnb-line);border-radius:4px;background:var(--wfnb-bar);white-space:nowrap}
.wfnb-busy{cursor:progress;background:linear-gradient(90deg,transparent,var(--wfnb-brandbg),transparent) 0 0/60% 100% no-repeat,var(--wfnb-panel);animation:wfnb-slide 1.4s linear infinite}
.wfnb-popover{position:absolute;right:10px;top:46px;z-index:7;width:280px;max-height:calc(100% - 84px);overflow:auto;padding:12px;border:1px solid var(--wfnb-line);border-radius:8px;background:var(--wfnb-panel);box-shadow:0 8px 26px rgba(20,40,60,.28);font-size:12px}
.wfnb-picker{position:absolute;z-index:8;width:min(340px,calc(100% - 12px));max-height:min(340px,calc(100% - 12px));display:flex;flex-direction:column;border:1px solid var(--wfnb-line);border-radius:8px;background:var(--wfnb-panel);box-shadow:0 8px 26px rgba(20,40,60,.28);font-size:12px;padding:6px}
.wfnb-picker.wfnb-central{left:50%;top:52px;transform:translateX(-50%);width:min(460px,calc(100% - 12px));max-height:min(380px,calc(100% - 60px))}
.wfnb-picker.wfnb-aside{right:10px;top:46px;max-height:calc(100% - 56px)}
.wfnb-picker>ul{list-style:none;margin:5px 0 0;padding:0;overflow:auto;scrollbar-width:thin;min-height:0}
.wfnb-picksection{padding:6px 8px 2px;font-size:11px;font-weight:600;color:var(--wfnb-dim)}
.wfnb-pick{display:flex;gap:8px;align-items:center;padding:4px 8px;min-height:24px;border-radius:5px;border-left:3px solid transparent;cursor:pointer;min-width:0}
.wfnb-pick[aria-selected=true]{background:var(--wfnb-brandbg);border-left-color:var(--wfnb-brand)}
.wfnb-pick>span:not(.wfnb-iconhold){overflow:hidden;text-overflow:ellipsis;white-space:nowrap;flex:none;max-width:78%}
.wfnb-pick>small{color:var(--wfnb-dim);font-size:10.5px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0;flex:1;text-align:right}
.wfnb-pick .wfnb-iconhold{color:var(--wfnb-dim);flex:none}.wfnb-pick .wfnb-icon{width:14px;height:14px}
.wfnb-pick>kbd{margin-left:auto}.wfnb-pickfoot{border-top:1px solid var(--wfnb-line);margin:5px 0 0;padding:5px 4px 1px;font-size:11px}
.wfnb-root :is(.wfnb-picker,.wfnb-menu) kbd{font:11px/1.5 var(--wfnb-font);padding:0 5px;border:1px solid var(--wfnb-line);border-radius:4px;background:var(--wfnb-bar);color:var(--wfnb-dim);white-space:nowrap}
.wfnb-menu{position:absolute;z-index:8;min-width:196px;max-height:calc(100% - 12px);overflow:auto;scrollbar-width:thin;padding:5px;border:1px solid var(--wfnb-line);border-radius:8px;background:var(--wfnb-panel);box-shadow:0 8px 26px rgba(20,40,60,.28);font-size:12px}
.wfnb-menu hr{border:0;border-top:1px solid var(--wfnb-line);margin:4px 6px}
.wfnb-menuitem{display:flex;gap:6px;align-items:center;width:100%;min-height:24px;padding:3.5px 8px 3.5px 4px;border:0;border-radius:5px;background:none;color:inherit;font:inherit;text-align:left;cursor:pointer}
.wfnb-menuitem:focus{background:var(--wfnb-brandbg);outline:2px solid var(--wfnb-brand);outline-offset:-2px}
.wfnb-menuitem[aria-disabled=true]{color:var(--wfnb-dim);opacity:.6;cursor:default}
.wfnb-menuitem>kbd{margin-left:auto}.wfnb-menutick{width:14px;flex:none}.wfnb-menutick .wfnb-icon{width:13px;height:13px;stroke-width:2}
.wfnb-paused{display:inline-flex;gap:6px;flex:none}.wfnb-pinform textarea{margin-top:6px}
.wfnb-popover footer{display:flex;justify-content:flex-end;gap:8px;margin-top:12px}
.wfnb-popover h3{margin:0}
.wfnb-shortcuts{width:min(360px,calc(100% - 20px))}.wfnb-shortcuts>header{display:flex;justify-content:space-between;align-items:center}
.wfnb-shortcuts dl{margin:2px 0 0}.wfnb-shortcuts h4{margin:10px 0 0;font-size:11px;color:var(--wfnb-dim)}.wfnb-shortcuts dl>div{display:flex;gap:10px;align-items:baseline;padding:2.5px 0}
.wfnb-shortcuts dt{flex:0 0 134px;display:flex;flex-wrap:wrap;gap:3px}.wfnb-shortcuts dd{margin:0;color:var(--wfnb-dim)}
.wfnb-narrow .wfnb-optional,.wfnb-tight .wfnb-optional{display:none}
.wfnb-narrow .wfnb-toolbar:not(.wfnb-runbar)>:is([data-action=zoom],[data-action=keys]),.wfnb-scant .wfnb-toolbar>[data-action=properties]{display:none}
.wfnb-tight .wfnb-secondary,.wfnb-tight .wfnb-toolbar>[data-action=problems]{display:none}
.wfnb-foreign{position:absolute;left:0;right:0;top:10px;width:fit-content;max-width:calc(100% - 16px);box-sizing:border-box;margin:0 auto;z-index:2;display:flex;gap:9px;align-items:center;padding:5px 6px 5px 10px;border:1px solid var(--wfnb-line);border-radius:7px;background:var(--wfnb-panel);box-shadow:0 2px 10px rgba(20,40,60,.18);font-size:12px}.wfnb-foreign p{margin:0;user-select:text;overflow-wrap:anywhere}.wfnb-foreign span{color:var(--wfnb-dim)}
.wfnb-empty{position:absolute;inset:0;display:grid;place-items:center;color:var(--wfnb-dim);pointer-events:none;padding:20px;text-align:center}
.wfnb-beginning{inset:auto 0 18%;padding:0 20px}
.wfnb-unreadable{align-content:center;gap:6px;white-space:pre-line;overflow-wrap:anywhere;user-select:text;pointer-events:auto;background:var(--wfnb-canvas)}.wfnb-unreadable b{color:var(--wfnb-bad)}.wfnb-unreadable p{margin:0;max-width:560px}
.wfnb-stage{position:relative;min-width:0;min-height:0;display:grid}
`;
