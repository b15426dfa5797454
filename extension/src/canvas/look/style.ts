/** The one stylesheet, put once into each document or shadow root. */
import { cardStyle } from './style.cards';
import { forcedStyle } from './style.forced';
import { panelStyle } from './style.panels';
import { runStyle } from './style.run';
import { sourceStyle } from './style.source';

const base = `
.wfnb-root{
  --wfnb-host:var(--vscode-editor-background,var(--jp-layout-color1));
  --wfnb-canvas:var(--wfnb-host,#fff);
  --wfnb-panel:var(--wfnb-host,#fff);
  --wfnb-text:var(--vscode-editor-foreground,var(--jp-ui-font-color0,#1c2733));
  --wfnb-brand:var(--vscode-textLink-foreground,var(--jp-brand-color1,#1976d2));
  --wfnb-font:var(--vscode-font-family,var(--jp-ui-font-family,system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif));
  --wfnb-mono:var(--vscode-editor-font-family,var(--jp-code-font-family,ui-monospace,'DejaVu Sans Mono',monospace));
  --wfnb-dim:color-mix(in srgb,var(--wfnb-text) 68%,var(--wfnb-panel));
  --wfnb-line:var(--vscode-contrastBorder,color-mix(in srgb,var(--wfnb-text) 14%,var(--wfnb-panel)));
  --wfnb-bar:color-mix(in srgb,var(--wfnb-text) 4%,var(--wfnb-panel));
  --wfnb-hover:color-mix(in srgb,var(--wfnb-text) 7%,var(--wfnb-panel));
  --wfnb-dot:color-mix(in srgb,var(--wfnb-text) 12%,var(--wfnb-canvas));
  --wfnb-edge:color-mix(in srgb,var(--wfnb-text) 52%,var(--wfnb-canvas));
  --wfnb-brandtext:color-mix(in srgb,var(--wfnb-brand) 78%,var(--wfnb-text));
  --wfnb-brandbg:color-mix(in srgb,var(--wfnb-brand) 12%,var(--wfnb-panel));
  --wfnb-card:var(--wfnb-panel);
  --wfnb-ok:#23692a;--wfnb-run:#1565c0;--wfnb-wait:#6d4fa1;--wfnb-warn:#9a5b00;--wfnb-bad:#c62828;
  --wfnb-note:#fff8dc;--wfnb-noteline:#e5d9a8;--wfnb-link:#0b57a4;--wfnb-ontint:#fff;
  --wfnb-shadow:0 1px 3px rgba(20,40,60,.16);
  color-scheme:light;position:relative;box-sizing:border-box;display:grid;overflow:hidden;
  grid-template:auto minmax(0,1fr) auto/auto minmax(0,1fr) auto;
  border:1px solid var(--wfnb-line);border-radius:8px;background:var(--wfnb-panel);color:var(--wfnb-text);
  font:13px/1.4 var(--wfnb-font);text-align:left;
}
.wfnb-root.wfnb-dark{
  --wfnb-canvas:var(--wfnb-host,#171b20);
  --wfnb-panel:var(--wfnb-host,#171b20);
  --wfnb-text:var(--vscode-editor-foreground,var(--jp-ui-font-color0,#e4e9ee));
  --wfnb-brand:color-mix(in srgb,var(--vscode-textLink-foreground,var(--jp-brand-color1,#64b5f6)) 78%,#fff);
  --wfnb-card:color-mix(in srgb,var(--wfnb-text) 7%,var(--wfnb-panel));
  --wfnb-bar:color-mix(in srgb,var(--wfnb-text) 5%,var(--wfnb-panel));
  --wfnb-ok:#81c784;--wfnb-run:#64b5f6;--wfnb-wait:#b39ddb;--wfnb-warn:#ffb74d;--wfnb-bad:#ef9a9a;
  --wfnb-note:#3a3524;--wfnb-noteline:#5c5334;--wfnb-link:#90caf9;--wfnb-ontint:#0b1117;
  --wfnb-shadow:0 1px 3px rgba(0,0,0,.5);color-scheme:dark;
}
/* Where more contrast is wanted, as in JupyterLab's theme of that name. */
.wfnb-root.wfnb-stark{
  --wfnb-dim:color-mix(in srgb,var(--wfnb-text) 90%,var(--wfnb-panel));
  --wfnb-line:color-mix(in srgb,var(--wfnb-text) 62%,var(--wfnb-panel));
  --wfnb-edge:color-mix(in srgb,var(--wfnb-text) 82%,var(--wfnb-canvas));
}
.wfnb-root *,.wfnb-root *::before{box-sizing:border-box}
:where(.wfnb-root) :is(code,kbd,pre){padding:0;border:0;border-radius:0;background:none;color:inherit;box-shadow:none}
:where(.wfnb-root) :is(label,th){font-weight:inherit;margin:0}
.wfnb-root tr{background:none;text-align:inherit}
.wfnb-root [hidden]{display:none!important}
.wfnb-cell{height:560px;min-height:320px;resize:vertical}
.wfnb-fill{height:100%;border:0;border-radius:0}
.wfnb-icon{width:16px;height:16px;flex:none;fill:none;stroke:currentColor;stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round;display:block}
.wfnb-icon .wfnb-filled{fill:currentColor;stroke:none}
.wfnb-hidden{position:absolute!important;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.wfnb-still,.wfnb-still *,.wfnb-still *::after{animation:none!important;transition:none!important}
.wfnb-outline:not(:focus-within){position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.wfnb-outline:focus-within{position:absolute;z-index:7;left:10px;top:52px;bottom:40px;width:min(340px,calc(100% - 20px));overflow:auto;padding:6px 12px 10px;border:1px solid var(--wfnb-line);border-radius:8px;background:var(--wfnb-panel);box-shadow:0 8px 26px rgba(20,40,60,.28);font-size:12px}
.wfnb-outline [role=status]{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.wfnb-outline ul{list-style:none;margin:0;padding:0}.wfnb-outline li button{display:block;width:100%;border:0;background:none;color:inherit;font:inherit;text-align:left;padding:3px 6px;min-height:24px;border-radius:4px}
.wfnb-root:focus{outline:none}
.wfnb-root :is(.wfnb-button,.wfnb-entry,.wfnb-menuitem){border-radius:5px}.wfnb-root .wfnb-segment{border-radius:0}.wfnb-root .wfnb-mapbutton{border-radius:6px}.wfnb-root .wfnb-firing{border-radius:0 5px 5px 0}
.wfnb-root :focus-visible{outline:2px solid var(--wfnb-brand);outline-offset:1px}
.wfnb-canvas:focus-visible{outline:2px solid var(--wfnb-brand);outline-offset:-2px}
.wfnb-dim{color:var(--wfnb-dim)}.wfnb-mono{font-family:var(--wfnb-mono);font-size:.92em}.wfnb-space{flex:1}
`;

const SHEET = base + cardStyle + panelStyle + runStyle + sourceStyle + forcedStyle;
const dressed = new WeakSet<Node>();

/** Makes the style hold where `host` lives. */
export function injectStyle(host: Node): void {
  const root = host.getRootNode();
  const place = root instanceof ShadowRoot ? root : document.head;
  if (dressed.has(place)) return;
  dressed.add(place);
  const style = document.createElement('style');
  style.dataset['wfnb'] = '';
  style.textContent = SHEET;
  place.append(style);
}
