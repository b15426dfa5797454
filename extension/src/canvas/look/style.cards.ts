/** Style of the drawing: cards, guards, ports, badges, tokens. */
export const cardStyle = `
.wfnb-canvas{position:relative;overflow:clip;min-width:0;min-height:0;background-color:var(--wfnb-canvas);outline:none;
  cursor:default;user-select:none;touch-action:none}
.wfnb-canvas.wfnb-over{cursor:pointer}.wfnb-canvas.wfnb-grab{cursor:grab}.wfnb-canvas.wfnb-drawing{cursor:crosshair}.wfnb-canvas.wfnb-landing{cursor:copy}
.wfnb-cy{position:absolute;inset:0;width:100%;height:100%}
.wfnb-still canvas{visibility:hidden}
.wfnb-picture{position:absolute;left:-160px;top:-160px;pointer-events:none;will-change:transform}
.wfnb-layer,.wfnb-cards{position:absolute;left:0;top:0;width:0;height:0;transform-origin:0 0;pointer-events:none}
.wfnb-layer{will-change:transform}
.wfnb-calm .wfnb-mark,.wfnb-calm .wfnb-shape::after{animation:none!important}
.wfnb-plain .wfnb-cards>:not(.wfnb-tokens,.wfnb-guides){display:none}
.wfnb-minimap{position:absolute;right:10px;bottom:10px;border:1px solid var(--wfnb-line);border-radius:6px;background:color-mix(in srgb,var(--wfnb-bar) 88%,transparent);cursor:pointer;touch-action:none}

.wfnb-mapbutton{position:absolute;right:10px;bottom:10px;width:24px;height:24px;padding:0;display:grid;place-items:center;border:1px solid var(--wfnb-line);border-radius:6px;background:var(--wfnb-bar);color:var(--wfnb-dim);cursor:pointer}
.wfnb-mapbutton[aria-pressed=true]{right:12px;bottom:56px;width:24px;height:24px;border:0;background:none;opacity:0}
.wfnb-minimap:hover+.wfnb-mapbutton,.wfnb-mapbutton:hover,.wfnb-mapbutton:focus-visible{opacity:1!important;color:var(--wfnb-text)}.wfnb-mapbutton .wfnb-icon{width:13px;height:13px}
.wfnb-card{position:absolute;left:0;top:0;contain:layout style;--tint:var(--wfnb-line);color:var(--wfnb-text)}
.wfnb-card>*{position:absolute}
.wfnb-shape{inset:0;background:var(--wfnb-card);border:1px solid var(--tint);box-shadow:var(--wfnb-shadow)}
.wfnb-card .wfnb-shape{border-radius:7px}
.wfnb-card .wfnb-shape::before{content:'';position:absolute;left:-1px;top:-1px;bottom:-1px;width:5px;border-radius:7px 0 0 7px;background:var(--bar,color-mix(in srgb,var(--wfnb-brand) 60%,var(--wfnb-card)));display:none}
.wfnb-card .wfnb-title,.wfnb-card .wfnb-subtitle{left:16px;right:10px;white-space:nowrap}
.wfnb-card .wfnb-cut,.wfnb-form-frame .wfnb-title{overflow:hidden;text-overflow:ellipsis}
.wfnb-card .wfnb-title{top:6px;font-size:12px;line-height:16px;font-weight:600;padding-right:18px}
.wfnb-card .wfnb-subtitle{top:24px;font-size:10.5px;line-height:14px;color:var(--wfnb-dim)}
.wfnb-form-card .wfnb-shape::before{display:block}
.wfnb-glyph{color:var(--wfnb-dim)}
.wfnb-form-card .wfnb-glyph{right:8px;top:6px;width:14px;height:14px;background:center/contain no-repeat}
.wfnb-kind-approval.wfnb-is-idle:not(.wfnb-has-error,.wfnb-has-warning){--bar:color-mix(in srgb,var(--wfnb-wait) 70%,var(--wfnb-card))}
.wfnb-kind-map::before,.wfnb-kind-map::after{content:'';position:absolute;inset:0;border-radius:7px;border:1px solid var(--tint);background:var(--wfnb-card)}
.wfnb-kind-map::before{transform:translate(6px,-6px)}.wfnb-kind-map::after{transform:translate(3px,-3px)}
.wfnb-kind-map .wfnb-shape,.wfnb-kind-map>*{z-index:1}
.wfnb-kind-map .wfnb-mark,.wfnb-kind-map .wfnb-badge{right:-12px;top:-12px}
.wfnb-kind-call .wfnb-shape::after{content:'';position:absolute;inset:2px;border:1px solid color-mix(in srgb,var(--wfnb-text) 22%,var(--wfnb-card));border-radius:5px}
.wfnb-form-pill{--tint:var(--wfnb-edge)}
.wfnb-form-pill .wfnb-shape{border-radius:18px!important;border:1.8px solid var(--tint)}
.wfnb-form-pill .wfnb-title{left:34px!important;right:14px!important;top:9px!important;padding-right:0!important}
.wfnb-form-pill .wfnb-subtitle{display:none}
.wfnb-form-pill .wfnb-glyph{left:12px;top:10px;color:var(--wfnb-wait)}.wfnb-form-pill .wfnb-glyph .wfnb-icon{width:16px;height:16px}
.wfnb-form-frame{--tint:var(--wfnb-edge);z-index:-1}
.wfnb-form-frame .wfnb-shape{border-radius:12px!important;border:1.5px dashed var(--tint);background:color-mix(in srgb,var(--wfnb-brand) 5%,transparent);box-shadow:none}
.wfnb-form-frame .wfnb-title{left:32px!important;right:auto!important;top:8px!important;font-size:11px!important;padding:0!important;max-width:calc(100% - 66px);color:var(--wfnb-dim)}
.wfnb-form-frame .wfnb-subtitle{left:auto!important;right:14px!important;top:9px!important;max-width:max(0px,calc(100% - var(--titled)))}
.wfnb-form-frame .wfnb-glyph{left:12px;top:9px}.wfnb-form-frame .wfnb-glyph .wfnb-icon{width:14px;height:14px}
.wfnb-lines{display:none}
.wfnb-fold{right:5px;top:4px;width:24px;height:24px;display:grid;place-items:center;border-radius:4px;pointer-events:auto;cursor:pointer;color:var(--wfnb-dim)}
.wfnb-fold:hover{background:var(--wfnb-hover);color:var(--wfnb-text)}.wfnb-fold .wfnb-icon{width:14px;height:14px}
.wfnb-form-frame .wfnb-subtitle{right:34px!important}
.wfnb-form-card.wfnb-kind-group::before{content:'';position:absolute;inset:0;border-radius:7px;border:1px dashed var(--tint);background:var(--wfnb-card);transform:translate(4px,4px)}
.wfnb-form-card.wfnb-kind-group .wfnb-shape,.wfnb-form-card.wfnb-kind-group>*{z-index:1}
.wfnb-form-card.wfnb-kind-group .wfnb-glyph{display:none}

.wfnb-form-circle .wfnb-shape,.wfnb-form-diamond .wfnb-shape,.wfnb-form-bar .wfnb-shape{border:1.8px solid var(--tint,var(--wfnb-edge))}
.wfnb-form-circle,.wfnb-form-diamond,.wfnb-form-bar{--tint:var(--wfnb-edge)}
.wfnb-form-circle .wfnb-shape{border-radius:50%}
.wfnb-form-circle .wfnb-glyph{inset:-5px;color:var(--tint)}
.wfnb-form-circle .wfnb-glyph .wfnb-icon{width:100%;height:100%}.wfnb-form-circle .wfnb-glyph path:first-child{stroke:none}
.wfnb-form-diamond .wfnb-shape{inset:7.3px;border-radius:4px;transform:rotate(45deg)}
.wfnb-form-diamond .wfnb-glyph{display:none}
.wfnb-form-diamond::after{content:'?';position:absolute;inset:0;display:grid;place-items:center;font-size:13px;color:var(--wfnb-dim)}
.wfnb-form-bar .wfnb-shape{border-radius:9px}
.wfnb-form-bar .wfnb-glyph{inset:0;display:grid;place-items:center}.wfnb-form-bar .wfnb-glyph .wfnb-icon{width:18px;height:18px}
.wfnb-form-bar .wfnb-glyph b{font-size:12px;font-weight:700;color:var(--wfnb-text);font-variant-numeric:tabular-nums}
.wfnb-form-bar .wfnb-lines{display:block;left:50%;bottom:calc(100% + 3px);transform:translateX(-50%);font-size:10px;line-height:13px;color:var(--wfnb-dim);white-space:nowrap}
.wfnb-form-circle .wfnb-title,.wfnb-form-diamond .wfnb-title,.wfnb-form-bar .wfnb-title{left:-80px!important;right:-80px!important;width:fit-content;margin:0 auto;top:calc(100% + 3px)!important;font-size:10.5px!important;line-height:14px;font-weight:400!important;color:var(--wfnb-dim);max-width:140px;padding:0 2px!important;border-radius:4px;background:color-mix(in srgb,var(--wfnb-canvas) 80%,transparent)}
.wfnb-form-circle .wfnb-subtitle,.wfnb-form-diamond .wfnb-subtitle,.wfnb-form-bar .wfnb-subtitle{display:none}
.wfnb-form-note .wfnb-shape{background:var(--wfnb-note);border-color:var(--wfnb-noteline);border-radius:3px}
.wfnb-form-note .wfnb-glyph,.wfnb-form-note .wfnb-title,.wfnb-form-note .wfnb-subtitle{display:none}
.wfnb-form-note .wfnb-lines{display:block;inset:10px 4px 10px 12px;white-space:pre;overflow:hidden}
.wfnb-grip{right:0;bottom:0;width:24px;height:24px;pointer-events:auto;cursor:nwse-resize;opacity:0}
.wfnb-grip::before{content:'';position:absolute;right:3px;bottom:3px;width:7px;height:7px;border:solid var(--wfnb-dim);border-width:0 2px 2px 0}
.wfnb-hovered .wfnb-grip,.wfnb-selected .wfnb-grip,.wfnb-grip:hover{opacity:1}
.wfnb-fate-added{--fate:var(--wfnb-ok)}.wfnb-fate-removed{--fate:var(--wfnb-bad)}.wfnb-fate-changed{--fate:var(--wfnb-warn)}.wfnb-fate-renamed{--fate:var(--wfnb-wait)}.wfnb-fate-moved{--fate:var(--wfnb-run)}
.wfnb-fate .wfnb-shape{outline:2px solid var(--fate);outline-offset:3px}.wfnb-fate-removed .wfnb-shape{outline-style:dashed}.wfnb-fate-moved .wfnb-shape{outline-style:dotted}
.wfnb-fate .wfnb-flags{left:-13px;top:-13px}.wfnb-fate:is(.wfnb-form-circle,.wfnb-form-diamond,.wfnb-form-bar) .wfnb-title{top:calc(100% + 7px)!important}.wfnb-fate .wfnb-flag{border-color:var(--fate)}
.wfnb-noterow{display:block;position:relative;overflow:hidden;text-overflow:ellipsis}
.wfnb-noterow-heading,.wfnb-noterow .wfnb-b{font-weight:600}.wfnb-noterow .wfnb-i{font-style:italic}
.wfnb-root .wfnb-noterow code{font:inherit;font-family:var(--wfnb-mono);background:color-mix(in srgb,var(--wfnb-text) 9%,transparent);border-radius:3px}
.wfnb-noterow-code,.wfnb-noterow-rule{margin-right:8px}
.wfnb-noterow-code{background:color-mix(in srgb,var(--wfnb-text) 7%,transparent)}.wfnb-root .wfnb-noterow-code code{background:none}
.wfnb-noterow-quote{color:var(--wfnb-dim);box-shadow:inset 3px 0 var(--wfnb-noteline)}
.wfnb-noterow-rule::after{content:'';position:absolute;left:0;right:0;top:5px;border-top:1px solid var(--wfnb-noteline)}
.wfnb-notemark{position:absolute;transform:translateX(calc(-100% - 4px))}
.wfnb-noterow a{color:var(--wfnb-link);text-decoration:underline;pointer-events:auto;cursor:pointer}

.wfnb-foot{left:-12px;right:-12px;width:fit-content;margin:0 auto;top:calc(100% + 3px);font-size:10.5px;line-height:14px;color:var(--wfnb-dim);white-space:nowrap;background:color-mix(in srgb,var(--wfnb-canvas) 80%,transparent);border-radius:4px;padding:0 3px;font-variant-numeric:tabular-nums}
.wfnb-foot:empty,.wfnb-is-idle .wfnb-mark{display:none}
.wfnb-mark,.wfnb-badge{right:-7px;top:-7px;width:17px;height:17px;border-radius:50%;display:grid;place-items:center;font-size:11px;line-height:1;font-weight:700;color:var(--wfnb-ontint);background:var(--tint)}
.wfnb-mark{background:var(--tint) center/11px no-repeat}
.wfnb-badge{display:none;pointer-events:auto}
.wfnb-badge[data-severity=error],.wfnb-badge[data-severity=warning],.wfnb-badge[data-severity=advice]{display:grid}
.wfnb-badge[data-severity=error]{background:var(--wfnb-bad)}.wfnb-badge[data-severity=warning]{background:var(--wfnb-warn)}.wfnb-badge[data-severity=advice]{background:var(--wfnb-dim)}
.wfnb-card:not(.wfnb-is-idle) .wfnb-badge{right:14px}
.wfnb-edgebadge{position:absolute;left:-7.5px;top:-7.5px;right:auto;width:15px;height:15px;font-size:10px;cursor:pointer;z-index:2}
.wfnb-form-circle .wfnb-mark,.wfnb-form-circle .wfnb-badge{right:-8px;top:-8px}
.wfnb-form-diamond .wfnb-mark,.wfnb-form-diamond .wfnb-badge{right:-2px;top:-2px}
.wfnb-form-circle .wfnb-badge[data-severity],.wfnb-form-diamond .wfnb-badge[data-severity]{transform:none}

.wfnb-flags{left:-8px;top:-8px;display:flex;gap:2px;z-index:2}.wfnb-flag{width:17px;height:17px;border-radius:50%;display:grid;place-items:center;pointer-events:auto;background:var(--wfnb-card);border:1px solid var(--wfnb-line);color:var(--wfnb-text)}
.wfnb-flag .wfnb-icon{width:11px;height:11px;stroke-width:1.9}.wfnb-flag-breakpoint,.wfnb-flag-breakpointInside{color:var(--wfnb-bad)}.wfnb-flag-pin,.wfnb-flag-pinInside{color:var(--wfnb-brandtext)}.wfnb-flag-pause{color:var(--wfnb-wait)}.wfnb-flag-barred{color:var(--wfnb-dim)}
.wfnb-off .wfnb-shape{border-style:dashed;border-color:var(--wfnb-edge)}.wfnb-off>:is(.wfnb-shape,.wfnb-title,.wfnb-subtitle,.wfnb-glyph){opacity:.62}
.wfnb-has-warning{--tint:var(--wfnb-warn);--bar:var(--wfnb-warn)}.wfnb-has-error{--tint:var(--wfnb-bad);--bar:var(--wfnb-bad)}
.wfnb-is-ready,.wfnb-is-waiting{--tint:var(--wfnb-wait);--bar:var(--wfnb-wait)}
.wfnb-is-running{--tint:var(--wfnb-run);--bar:var(--wfnb-run)}
.wfnb-is-retrying{--tint:var(--wfnb-warn);--bar:var(--wfnb-warn)}
.wfnb-is-completed{--tint:var(--wfnb-ok);--bar:var(--wfnb-ok)}
.wfnb-is-failed{--tint:var(--wfnb-bad);--bar:var(--wfnb-bad)}
.wfnb-is-cancelled{--tint:var(--wfnb-dim);--bar:var(--wfnb-dim)}
.wfnb-card:not(.wfnb-is-idle) .wfnb-shape,.wfnb-has-warning .wfnb-shape,.wfnb-has-error .wfnb-shape{border-width:2px}
.wfnb-is-cancelled .wfnb-shape{border-style:dashed}
.wfnb-is-running .wfnb-mark{animation:wfnb-pulse 1.2s ease-in-out infinite}
.wfnb-form-card.wfnb-is-running .wfnb-shape::after{content:'';position:absolute;left:15px;right:15px;bottom:3px;height:3px;border-radius:2px;background:linear-gradient(90deg,transparent,var(--wfnb-run),transparent) 0 0/60% 100% no-repeat,var(--wfnb-line);animation:wfnb-slide 1.4s linear infinite}
.wfnb-form-card.wfnb-is-running.wfnb-has-share .wfnb-shape::after{background:linear-gradient(90deg,var(--wfnb-run) var(--share),var(--wfnb-line) 0);animation:none}
.wfnb-tip{position:absolute;left:0;top:0;z-index:4;max-width:min(320px,80%);padding:5px 9px;border:1px solid var(--wfnb-line);border-radius:6px;background:var(--wfnb-panel);color:var(--wfnb-text);box-shadow:0 4px 14px rgba(20,40,60,.24);font-size:11px;line-height:1.4;pointer-events:none;overflow-wrap:anywhere;white-space:pre-wrap}
.wfnb-tip>*{display:block}.wfnb-tip>span+span{font-family:var(--wfnb-mono);font-size:10.5px}
@keyframes wfnb-pulse{50%{opacity:.55}}
@keyframes wfnb-slide{from{background-position:-150% 0,0 0}to{background-position:250% 0,0 0}}
.wfnb-hovered .wfnb-shape{box-shadow:0 2px 7px rgba(20,40,60,.22)}
.wfnb-selected .wfnb-shape{box-shadow:0 0 0 2px var(--wfnb-brand),var(--wfnb-shadow);border-color:var(--wfnb-brand)}
.wfnb-selected.wfnb-is-idle{--tint:var(--wfnb-brand)}
.wfnb-can .wfnb-shape{box-shadow:0 0 0 3px color-mix(in srgb,var(--wfnb-brand) 35%,transparent);border-color:var(--wfnb-brand)}
.wfnb-cannot{opacity:.4}
.wfnb-aimed .wfnb-shape{box-shadow:0 0 0 3px var(--wfnb-brand)}

.wfnb-port{right:-15px;top:50%;width:24px;height:24px;margin-top:-12px;border-radius:50%;pointer-events:auto;cursor:crosshair}
.wfnb-port::before{content:'';display:none;position:absolute;left:3.5px;top:6.5px;width:11px;height:11px;border-radius:50%;background:var(--wfnb-card);border:2px solid var(--wfnb-brand)}
.wfnb-hovered .wfnb-port::before,.wfnb-selected .wfnb-port::before,.wfnb-port:hover::before{display:block}
.wfnb-port:hover::before{background:var(--wfnb-brand)}
.wfnb-edgeend{position:absolute;left:-12px;top:-12px;width:24px;height:24px;border-radius:50%;pointer-events:auto;cursor:grab;z-index:2}
.wfnb-edgeend::before{content:'';position:absolute;inset:7.5px;border-radius:2px;background:var(--wfnb-card);border:2px solid var(--wfnb-brand)}
.wfnb-edgeend:hover::before{background:var(--wfnb-brand)}
.wfnb-walking .wfnb-ends{display:none}
.wfnb-guides{position:absolute;left:0;top:0;width:1px;height:1px;overflow:visible;z-index:4}
.wfnb-guide{fill:none;stroke:var(--wfnb-wait);stroke-width:1.25;vector-effect:non-scaling-stroke}.wfnb-guide-line{stroke-dasharray:4 3}
.wfnb-drawing .wfnb-port,.wfnb-drawing .wfnb-chip{pointer-events:none}

.wfnb-chip{position:absolute;left:0;top:0;height:18px;line-height:16px;padding:0 8px;border-radius:9px;border:1px solid var(--wfnb-line);background:var(--wfnb-bar);color:var(--wfnb-text);font:10.5px/16px var(--wfnb-mono);white-space:nowrap;overflow:hidden;text-overflow:ellipsis;pointer-events:auto;cursor:pointer}
.wfnb-chip .wfnb-icon{display:inline-block;width:11px;height:11px;margin-right:4px;vertical-align:-1.5px;stroke-width:1.8}
.wfnb-chip-otherwise{font-style:italic}
.wfnb-chip.wfnb-chip-missing{border:1px dashed var(--wfnb-warn);color:var(--wfnb-warn)}
.wfnb-chip.wfnb-has-error{border-color:var(--wfnb-bad)}.wfnb-chip.wfnb-has-warning{border-color:var(--wfnb-warn)}
.wfnb-chip.wfnb-selected{border-color:var(--wfnb-brand);background:var(--wfnb-brandbg)}
.wfnb-tokens{position:absolute;left:0;top:0;z-index:3}
.wfnb-token{position:absolute;left:-6px;top:-6px;width:12px;height:12px;border-radius:50%;background:var(--wfnb-run);box-shadow:0 0 0 4px color-mix(in srgb,var(--wfnb-run) 28%,transparent)}
.wfnb-token.wfnb-laid{left:-7px;top:-7px;width:14px;height:14px;border:2px solid var(--wfnb-card)}
.wfnb-token.wfnb-bad{background:var(--wfnb-bad);box-shadow:0 0 0 5px color-mix(in srgb,var(--wfnb-bad) 30%,transparent)}
.wfnb-marked{--tint:var(--wfnb-run)}.wfnb-marked .wfnb-shape{border-width:2px}.wfnb-marked.wfnb-bad{--tint:var(--wfnb-bad)}
.wfnb-marked.wfnb-bad .wfnb-shape{box-shadow:0 0 0 4px color-mix(in srgb,var(--wfnb-bad) 26%,transparent)}
.wfnb-walking .wfnb-port{display:none}
@media (prefers-reduced-motion:reduce){.wfnb-is-running .wfnb-mark,.wfnb-form-card.wfnb-is-running .wfnb-shape::after{animation:none}}
`;
