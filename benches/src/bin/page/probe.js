// Notes in each frame of the animation how old what the page shows is: [now, newest, oldest], in milliseconds.
(() => {
  const stamp = (element) => {
    const [at] = /\d{16}/.exec(element.textContent) || [0];
    return at / 1000;
  };
  const note = () => {
    const stamps = [...document.querySelectorAll("#board > *")].map(stamp);
    window.noted.push([performance.timeOrigin + performance.now(), Math.max(...stamps), Math.min(...stamps)]);
    requestAnimationFrame(note);
  };
  window.noted = [];
  requestAnimationFrame(note);
  return true;
})()
