// The whole front-end code that a saved notebook carries. The canvas itself comes from the page's
// labextension where that is of this version, else from the kernel, once a page.
const registry = (globalThis[Symbol.for("wfnb")] ??= new Map());

function fromKernel(model) {
  return new Promise((resolve, reject) => {
    model.on("msg:custom", function take(message, buffers) {
      if (message.wfnb !== "file" || message.name !== "widget.js") return;
      model.off("msg:custom", take);
      if (!buffers.length) return reject(new Error(message.error));
      const text = new Blob(buffers).stream().pipeThrough(new DecompressionStream("gzip"));
      new Response(text, { headers: { "Content-Type": "text/javascript" } })
        .blob()
        .then((blob) => import(URL.createObjectURL(blob)))
        .then(resolve, reject);
    });
    model.send({ wfnb: "file", name: "widget.js" });
  });
}

async function render(context) {
  if (!registry.has("$version")) {
    // Nobody answers in a page that was made from a saved notebook, and an empty place says nothing.
    const note = document.createTextNode("This drawing comes from its kernel: run the cell again where there is one.");
    const late = setTimeout(() => context.el.append(note), 3000);
    const module = await fromKernel(context.model).finally(() => clearTimeout(late));
    note.remove();
    registry.set("$version", async () => module);
  }
  const module = await registry.get("$version")();
  return module.default.render(context);
}

export default { render };
