/**
 * Style where the system forces its own colours (`forced-colors`, such as Windows' contrast themes).
 *
 * Everything derives from a few variables, so these name system colours; what is drawn with backgrounds
 * and shadows, which the browser would take away, keeps its own, which are the system's by then.
 */
export const forcedStyle = `
@media (forced-colors:active){
.wfnb-root,.wfnb-root.wfnb-dark{
  --wfnb-canvas:Canvas;--wfnb-panel:Canvas;--wfnb-card:Canvas;--wfnb-bar:Canvas;--wfnb-hover:Canvas;--wfnb-note:Canvas;--wfnb-ontint:Canvas;
  --wfnb-text:CanvasText;--wfnb-dim:CanvasText;--wfnb-line:CanvasText;--wfnb-edge:CanvasText;--wfnb-noteline:CanvasText;
  --wfnb-ok:CanvasText;--wfnb-wait:CanvasText;--wfnb-warn:CanvasText;--wfnb-bad:CanvasText;
  --wfnb-run:Highlight;--wfnb-brand:Highlight;--wfnb-brandtext:Highlight;--wfnb-brandbg:Canvas;--wfnb-link:LinkText;--wfnb-dot:transparent;
}
.wfnb-canvas,.wfnb-timeline{forced-color-adjust:none}
.wfnb-cannot,.wfnb-off>*{opacity:1!important}.wfnb-cannot .wfnb-shape{border-color:GrayText}.wfnb-cannot>:not(.wfnb-shape),.wfnb-off>:is(.wfnb-title,.wfnb-subtitle,.wfnb-glyph){color:GrayText}
.wfnb-heat .wfnb-shape{background:Canvas!important}
.wfnb-task.wfnb-picked .wfnb-tasklabel{text-decoration:underline}
.wfnb-pill,.wfnb-toast,.wfnb-entry:hover,.wfnb-menuitem:focus{border:1px solid}
.wfnb-root :is(.wfnb-segment:is([aria-pressed=true],[aria-selected=true]),.wfnb-button.wfnb-on,.wfnb-button.wfnb-primary:not([aria-disabled=true],:disabled),.wfnb-pick[aria-selected=true],.wfnb-names li[aria-selected=true],.wfnb-runentry.wfnb-on,.wfnb-row.wfnb-on,[aria-current=step] .wfnb-firing){
  forced-color-adjust:none;background:Highlight;color:HighlightText;border-color:Highlight}
.wfnb-root :is(.wfnb-pick,.wfnb-names li)[aria-selected=true] *,.wfnb-root :is(.wfnb-runentry,.wfnb-row).wfnb-on *{color:inherit;background:none}
.wfnb-input[aria-invalid=true]{border-style:dashed}
.wfnb-button[aria-disabled=true],.wfnb-menuitem[aria-disabled=true]{color:GrayText;border-color:GrayText;opacity:1}
}
`;
