const escaped = (text) => text.replace(/[&<>"]/g, (mark) => `&#${mark.codePointAt(0)};`);

// Figures as files: colours become fixed, so that a drawing looks the same outside the page.
const saveDrawing = async (element, kind, name, [width, height], content) => {
  const style = getComputedStyle(element);
  const fixed = content.replace(/var\((--[\w-]+)\)/g, (_, variable) => {
    const probe = make("i");
    probe.style.color = `var(${variable})`;
    element.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
  });
  const ground = `<rect width="100%" height="100%" fill="${style.getPropertyValue("--st-background-color")}"/>`;
  const root = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" `;
  const font = `font-family="sans-serif" font-size="15" fill="${style.color}">`;
  const svg = new Blob([root + font + ground + fixed + "</svg>"], { type: "image/svg+xml" });
  saveBlob(kind === "SVG" ? svg : await rasterised(svg, width, height), `${name}.${kind.toLowerCase()}`);
};

const rasterised = async (svg, width, height, scale = 2) => {
  const address = URL.createObjectURL(svg);
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const canvas = make("canvas", { width: width * scale, height: height * scale });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(address);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
};

const saveBlob = (blob, name) => {
  const address = URL.createObjectURL(blob);
  make("a", { href: address, download: `hyperinvariances-${name}` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
};
