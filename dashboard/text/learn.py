"""Fixed words of lessons, of the tour, and of what a teacher hands out."""

from __future__ import annotations

GO_TO = "This is about the {page} page. Go there"
GUIDE = {"show": "Show me", "look": "Look at {part}.", "fold": "Fold", "unfold": "Unfold"}
LEARN = (
    "Each lesson takes you to the page that it is about and asks you to **predict** before it shows: a guess that "
    "turns out wrong is remembered better than an answer that was only read. The answers are measured on the model at "
    "that moment."
)
TEACH = (
    "Everything is in the address: lesson, step, seed, what is hidden and how large it is. Choose, then hand out the "
    "link or the square code."
)
ANSWERS = (
    "What to see: how often each option was chosen on this server since it started, and ✓ the one that was measured to "
    "be right. Nothing is kept of who chose it. Every visit counts once at each question, with its first answer."
)
LOCAL = (
    "This address works on this computer only. For a class, start the dashboard with "
    "`./run.sh --server.address 0.0.0.0`, open it under this computer's name in the network, and make the link there."
)
TEACH_TERMS = {
    "Seed": (
        "draws the other pictures, the labelled pictures, the start of a fit and the order of the options: one link "
        "gives the whole class the same. For neighbours who look over, hand out links with different seeds."
    ),
    "Projector mode": "white, large type, thick lines, at most three parts of a page. The key F8 does the same.",
    "Hide": "parts of a page that would distract or give an answer away.",
    "Teacher's sheet": "all lessons with goals, steps, questions and the answers as measured now, to print.",
    "The same as a file": "to hand out where links do not reach; it is opened on this page.",
}
"""Names of the teacher's choices and what they mean."""
DARK_PROJECTOR = (
    "Projector mode wants a white page: choose **Light** in the menu at the top right (⋮, Settings, Theme)."
)
FINISHED = "This lesson is done; its card says so. Choose the next one."
TOUR_OFFER = {
    "text": "New here? A tour of a minute shows where things are.",
    "start": "Start the tour",
    "skip": "No, thanks",
}
TOUR = (
    (
        "explore.sliders",
        "**The sliders**, on a phone behind » at the top, set what an extractor ignores. Drag one: the figures follow.",
    ),
    ("explore.lineup", "**What is found** under A and B: do they go by the thing, or by the change? That is the idea."),
    ("explore.curves", "**The curves** measure it: how far features move while the picture changes, on a fixed scale."),
    ("adapt.fit", "**Adapt** lets a task choose its own setting by gradient descent. Press Play and watch."),
    ("manifold.map", "**Manifold** is a map of all settings. That is all. **Learn** has lessons of some minutes each."),
)
