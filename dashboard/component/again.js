// Asks Python for a part of the page again, so many seconds after its last answer has come: see `widgets/following.py`.
export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".again");
  const kept = memory(root, () => ({ timer: 0, said: 0 }));
  if (kept.said === data.said_at) return; // drawn anew by what it has asked itself: no answer yet
  kept.said = data.said_at;
  const ask = (seconds) => {
    clearTimeout(kept.timer);
    kept.timer = setTimeout(() => {
      if (!root.isConnected) return;
      setTriggerValue("again", data.said_at);
      ask(LOST_S);
    }, 1000 * seconds);
  };
  ask(data.due);
}

const LOST_S = 20; // a message that has not come until then is lost
