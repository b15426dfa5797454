/** Style of the drawing: cards, guards, ports, badges, tokens. */
export const cardStyle = `
.wfnb-canvas{position:relative;overflow:clip;min-width:0;min-height:0;background-color:var(--wfnb-canvas);outline:none;
  background-image:radial-gradient(circle,var(--wfnb-dot) 1px,transparent 1.3px);background-size:16px 16px;cursor:default;user-select:none;touch-action:none}
.wfnb-canvas.wfnb-over{cursor:pointer}.wfnb-canvas.wfnb-grab{cursor:grab}.wfnb-canvas.wfnb-drawing{cursor:crosshair}
.wfnb-cy,.wfnb-overview{position:absolute;inset:0;width:100%;height:100%}
.wfnb-overview{pointer-events:none}
.wfnb-layer{position:absolute;left:0;top:0;width:0;height:0;transform-origin:0 0;pointer-events:none}
.wfnb-plain .wfnb-layer>:not(.wfnb-tokens){display:none}
.wfnb-minimap{position:absolute;right:10px;bottom:10px;border:1px solid var(--wfnb-line);border-radius:6px;background:color-mix(in srgb,var(--wfnb-bar) 88%,transparent);cursor:pointer;touch-action:none}

.wfnb-card{position:absolute;left:0;top:0;contain:layout style;--tint:var(--wfnb-line);color:var(--wfnb-text)}
.wfnb-card>*{position:absolute}
.wfnb-shape{inset:0;background:var(--wfnb-card);border:1px solid var(--tint);box-shadow:var(--wfnb-shadow)}
.wfnb-card .wfnb-shape{overflow:hidden;border-radius:7px}
.wfnb-card .wfnb-shape::before{content:'';position:absolute;left:-1px;top:-1px;bottom:-1px;width:5px;background:var(--bar,color-mix(in srgb,var(--wfnb-brand) 60%,var(--wfnb-card)));display:none}
.wfnb-card .wfnb-title,.wfnb-card .wfnb-subtitle{left:16px;right:10px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.wfnb-card .wfnb-title{top:6px;font-size:12px;line-height:16px;font-weight:600;padding-right:18px}
.wfnb-card .wfnb-subtitle{top:24px;font-size:10.5px;line-height:14px;color:var(--wfnb-dim)}
.wfnb-kind-task .wfnb-shape::before{display:block}
.wfnb-glyph{color:var(--wfnb-dim)}
.wfnb-kind-task .wfnb-glyph{right:8px;top:6px}.wfnb-kind-task .wfnb-glyph .wfnb-icon{width:14px;height:14px}
.wfnb-lines{display:none}

.wfnb-circle .wfnb-shape,.wfnb-diamond .wfnb-shape,.wfnb-bar .wfnb-shape{border:1.8px solid var(--tint,var(--wfnb-edge))}
.wfnb-circle,.wfnb-diamond,.wfnb-bar{--tint:var(--wfnb-edge)}
.wfnb-circle .wfnb-shape{border-radius:50%}
.wfnb-circle .wfnb-glyph{inset:-5px;color:var(--tint)}
.wfnb-circle .wfnb-glyph .wfnb-icon{width:100%;height:100%}.wfnb-circle .wfnb-glyph path:not(.wfnb-filled){stroke:none}
.wfnb-diamond .wfnb-shape{inset:7.3px;border-radius:4px;transform:rotate(45deg)}
.wfnb-diamond .wfnb-glyph{display:none}
.wfnb-diamond::after{content:'?';position:absolute;inset:0;display:grid;place-items:center;font-size:13px;color:var(--wfnb-dim)}
.wfnb-bar .wfnb-shape{border-radius:9px}
.wfnb-bar .wfnb-glyph{inset:0;display:grid;place-items:center}.wfnb-bar .wfnb-glyph .wfnb-icon{width:18px;height:18px}
.wfnb-circle .wfnb-title,.wfnb-diamond .wfnb-title,.wfnb-bar .wfnb-title{left:50%!important;right:auto!important;top:calc(100% + 3px)!important;transform:translateX(-50%);font-size:10.5px!important;line-height:14px;font-weight:400!important;color:var(--wfnb-dim);max-width:140px;padding:0 2px!important;border-radius:4px;background:color-mix(in srgb,var(--wfnb-canvas) 80%,transparent)}
.wfnb-circle .wfnb-subtitle,.wfnb-diamond .wfnb-subtitle,.wfnb-bar .wfnb-subtitle{display:none}
.wfnb-note .wfnb-shape{background:var(--wfnb-note);border-color:var(--wfnb-noteline);border-radius:3px}
.wfnb-note .wfnb-glyph,.wfnb-note .wfnb-title,.wfnb-note .wfnb-subtitle{display:none}
.wfnb-note .wfnb-lines{display:block;inset:10px 12px;font-size:10.5px;line-height:16px;white-space:pre;overflow:hidden}
.wfnb-note .wfnb-lines span{display:block;overflow:hidden;text-overflow:ellipsis}

.wfnb-foot{left:50%;top:calc(100% + 3px);transform:translateX(-50%);font-size:10.5px;line-height:14px;color:var(--wfnb-dim);white-space:nowrap;max-width:calc(100% + 24px);overflow:hidden;text-overflow:ellipsis;background:color-mix(in srgb,var(--wfnb-canvas) 80%,transparent);border-radius:4px;padding:0 3px;font-variant-numeric:tabular-nums}
.wfnb-foot:empty,.wfnb-mark:empty{display:none}
.wfnb-mark,.wfnb-badge{right:-7px;top:-7px;width:17px;height:17px;border-radius:50%;display:grid;place-items:center;font-size:11px;line-height:1;font-weight:700;color:var(--wfnb-ontint);background:var(--tint)}
.wfnb-mark .wfnb-icon{width:11px;height:11px;stroke-width:2.4}
.wfnb-badge{display:none;pointer-events:auto}
.wfnb-badge[data-severity=error],.wfnb-badge[data-severity=warning],.wfnb-badge[data-severity=advice]{display:grid}
.wfnb-badge[data-severity=error]{background:var(--wfnb-bad)}.wfnb-badge[data-severity=warning]{background:var(--wfnb-warn)}.wfnb-badge[data-severity=advice]{background:var(--wfnb-dim)}
.wfnb-card:not(.wfnb-is-idle) .wfnb-badge{right:14px}
.wfnb-circle .wfnb-mark,.wfnb-circle .wfnb-badge{right:-8px;top:-8px}
.wfnb-diamond .wfnb-mark,.wfnb-diamond .wfnb-badge{right:-2px;top:-2px}
.wfnb-circle .wfnb-badge[data-severity],.wfnb-diamond .wfnb-badge[data-severity]{transform:none}

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
.wfnb-kind-task.wfnb-is-running .wfnb-shape::after{content:'';position:absolute;left:15px;right:15px;bottom:3px;height:3px;border-radius:2px;background:linear-gradient(90deg,transparent,var(--wfnb-run),transparent) 0 0/60% 100% no-repeat,var(--wfnb-line);animation:wfnb-slide 1.4s linear infinite}
@keyframes wfnb-pulse{50%{opacity:.55}}
@keyframes wfnb-slide{from{background-position:-150% 0,0 0}to{background-position:250% 0,0 0}}
.wfnb-hovered .wfnb-shape{box-shadow:0 2px 7px rgba(20,40,60,.22)}
.wfnb-selected .wfnb-shape{box-shadow:0 0 0 2px var(--wfnb-brand),var(--wfnb-shadow);border-color:var(--wfnb-brand)}
.wfnb-selected.wfnb-is-idle{--tint:var(--wfnb-brand)}
.wfnb-can .wfnb-shape{box-shadow:0 0 0 3px color-mix(in srgb,var(--wfnb-brand) 35%,transparent);border-color:var(--wfnb-brand)}
.wfnb-cannot{opacity:.4}

.wfnb-port{right:-9px;top:50%;width:18px;height:18px;margin-top:-9px;border-radius:50%;pointer-events:auto;cursor:crosshair;opacity:0}
.wfnb-port::before{content:'';position:absolute;inset:3.5px;border-radius:50%;background:var(--wfnb-card);border:2px solid var(--wfnb-brand)}
.wfnb-hovered .wfnb-port,.wfnb-selected .wfnb-port,.wfnb-port:hover{opacity:1}
.wfnb-port:hover::before{background:var(--wfnb-brand)}
.wfnb-drawing .wfnb-port,.wfnb-drawing .wfnb-chip{pointer-events:none}

.wfnb-chip{position:absolute;left:0;top:0;height:18px;line-height:16px;padding:0 8px;border-radius:9px;border:1px solid var(--wfnb-line);background:var(--wfnb-bar);color:var(--wfnb-text);font:10.5px/16px var(--wfnb-mono);white-space:nowrap;overflow:hidden;text-overflow:ellipsis;pointer-events:auto;cursor:pointer}
.wfnb-chip-otherwise{font-style:italic}
.wfnb-chip.wfnb-chip-missing{border:1px dashed var(--wfnb-warn);color:var(--wfnb-warn)}
.wfnb-chip.wfnb-has-error{border-color:var(--wfnb-bad)}.wfnb-chip.wfnb-has-warning{border-color:var(--wfnb-warn)}
.wfnb-chip.wfnb-selected{border-color:var(--wfnb-brand);background:var(--wfnb-brandbg)}
.wfnb-tokens{position:absolute;left:0;top:0}
.wfnb-token{position:absolute;left:-6px;top:-6px;width:12px;height:12px;border-radius:50%;background:var(--wfnb-run);box-shadow:0 0 0 4px color-mix(in srgb,var(--wfnb-run) 28%,transparent)}
@media (prefers-reduced-motion:reduce){.wfnb-is-running .wfnb-mark,.wfnb-kind-task.wfnb-is-running .wfnb-shape::after{animation:none}}
`;
