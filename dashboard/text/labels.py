"""Fixed words of the pages: labels, captions, explanations."""

from __future__ import annotations

LEAD = (
    "One hypernetwork makes a feature extractor for every setting of the sliders. "
    "**0 keeps** a kind of change, **1 ignores** it."
)

SCALE = "0 keeps a change, 1 ignores it; the further right, the less it counts."

CONTROLS = {
    "Undo, Redo, Reset": "Reset goes back to the first screen; your saved presets stay, and Undo brings all back.",
    "Pin A": "B becomes what A is now.",
    "Swap": "A and B change places.",
    "Unpin": "A is shown alone.",
    "Reset A and B": "Both as on the first screen; the rest stays.",
    "A frame of the filmstrip": (
        "Looks it up among the others. The small picture in its corner is what the extractor sees."
    ),
    "The square": "Two coordinates at once; the arrow keys move its point too.",
    "last frame": "The time from your last movement to the drawn answer.",
}
"""Names of controls and what they do."""

CHECKPOINT_HELP = "Put the file assets/hypernetwork.safetensors in place, or make one with `./run.sh pretrain`."

EXPLANATION = """
**Similarity** is the cosine between the features of the changed and of the original picture, after the mean over
{probes} other pictures is taken away: 1 is the same, 0 is what two unrelated pictures have.

**Features move** is one minus that similarity, divided by its mean between different pictures. At 0 % the extractor
does not notice the change; at 100 % (dotted line) the changed picture is as far away as another picture.

**The shaded band** holds the middle 80 % of {probes} other pictures. A line inside it is typical, a line outside means
that this picture is special.

**The check below the curve** guards against a trick: an extractor that gives every picture the same features would
seem to ignore everything. It counts the directions that the features of different pictures use (effective rank), and
below {minimum:g} the page draws grey and claims nothing.

**Edges** are filled by reflection, so that black corners do not give the change away.
"""

UPLOAD = "A picture; its central square is used and it stays on this computer."

CAMERA = "Take a picture; it stays on this computer."

GALLERY = "Your own pictures, several files or a zip of a folder: yours is looked up among them."

PINNED = "To compare with: a diamond on every slider, orange in figures."

SEED = "Draws the other pictures that make the bands and say what 100 % means."

SLIDERS = {
    "ends": "0 keeps this kind of change, 1 ignores it",
    "across": "across",
    "up": "up",
    "pad": "Two coordinates at once; the arrow keys move the point",
    "live": "last frame",
    "pace": "Time from your last movement to the drawn answer",
    "broken": "The figures follow when you let go:",
}

NEIGHBOURS = {
    "query": "Looking for",
    "found": "finds the same thing in {object} and the same change in {change}\u00a0of\u00a0{count}",
    "collapsed": "tells no pictures apart, so its order means nothing",
}

MARKS = {"object": "●", "change": "◆", "neither": "○"}

FILMSTRIP = {"choose": "Look this one up among others", "seen": "What the extractor sees: {side} × {side} pixels"}

CURVES = {
    "mean": "mean",
    "choose": "Show this transformation above",
    "scrub": "The left and right arrow keys move along the range",
    "save": "save figure",
}

CURVES_CAPTION = (
    "What to see: a flat line means that the change is ignored. 100 % (dotted) is as far as another picture. "
    "Bands hold the middle 80 % of {probes} other pictures. Point at a curve to read all of them at that place; "
    "a name brings its transformation to the top of the page."
)

MAPS_CAPTION = (
    "What to see: the two channels of each extractor that change most, bright where a channel is active, black where "
    "moving back left nothing. Maps that are equal along a row are invariant; maps that are equal only once moved back "
    "are equivariant: they still know how the picture lies. Colours are on one scale per row."
)
NOTHING_CHANGED = "The picture is unchanged, so there is nothing to notice. Choose another frame of the filmstrip."
LOOKING = "Following the change back to the pixels …"
DRAWING = "Drawing the images of the task …"
READING = "Reading the images, {done:,} of {total:,} files …"
PREPARING = "Preparing the pictures for the network …"
LOOKS_CAPTION = (
    "What to see: bright places decide how far the features move. A map that looks like that of random weights shows "
    "the picture's edges rather than what was learned: 1 is the same order of pixels, 0 is none in common."
)
LOOKS_STEM = (
    "Only generated weights are random: the pretrained stem of {backbone} never changes and is the same in all maps."
)
CONTROL_COLLAPSED = "No statement: at some setting this extractor tells no pictures apart."
CONTROL_CAPTION = (
    "What to see: a slider should lower the share of its own transformation (bold, green) and leave the others at 0. "
    "Purple: pushing this slider makes another transformation count more. Monotone is −1 where every step of the "
    "slider lowers the share. The camera in the corner saves the figure as SVG."
)
PRESETS = "A fingerprint has one spoke per transformation: the centre keeps it, the rim ignores it."
OWN_PRESET = "Your own; it is part of the address, so a link carries it."
SAVE = "A name has letters, digits and spaces; at most {most} are kept."
TAKEAWAY = (
    "The address of this page restores everything but your own files. Curves, maps and matrix have their own buttons; "
    "here are the rest."
)

PASS_ON = (
    "One file (JSON) holds this view with your own pictures. Whoever opens it, on any computer, sees the same; the "
    "page says so if the file was made with another model."
)

OPEN_VIEW = "Open a view, or a lesson, that somebody has saved; Undo brings back what is here now."

VIEW_OPENED = "The file was opened; its view is on the Explore page."

PASS_RUN_ON = (
    "The run's file (JSON) holds its rows, steps, descriptor and head, but no images, and opens here again. The report "
    "(HTML) is a page that opens anywhere without a network: figures, settings, and the mistakes as pictures."
)

OPEN_RUN = "Open a run that somebody has saved; it takes the place of the present one."

SEE_SCORES = (
    "What to see: the score on images that the head was not fitted to. The dotted line is the target, {target:g}; who "
    "crosses it further left needs less time."
)

SEE_TRACES = (
    "What to see: a coordinate that goes to 1 is a change that this task wants to ignore, to 0 one that it needs."
)

SEE_GRADIENTS = "Gradients that stay near 0 say that the choice has settled."

SEE_SLICES = (
    "What to see: evidence of the labels along each axis, the others where the fit put them. A line that falls to the "
    "right says that the task needs this change, to the left that it wants to ignore it; a flat one, that "
    "these labels cannot tell whether it matters."
)

SEE_CONFUSION = (
    "What to see: each row is a class, each column what its test images were called. Numbers beside the diagonal are "
    "mistakes; shades are shares of a row."
)

SEE_MISTAKES = "What to see: the worst mistakes among the test images, as the network sees them, the worst first."

SEE_TABLE = (
    "What to see: who scores best on test images, how sure that is, and what it cost. Of a hundred such "
    "intervals about 95 hold the score on all images of this kind. Click a heading to sort, a name to change it; "
    "take the tick away to leave a row out of the chart. A row that was fitted with other labels says with which."
)
COPIES = {
    "near": "Copies and near copies count once",
    "exact": "Only exact copies count once",
    "none": "Every image counts",
}
"""What can be chosen, as :data:`core.data.grouping.COPIES` calls it."""

SEE_FOUND = (
    "What to see: what became of the files of each class. Copies of a picture, found by thumbnails and a "
    "perceptual hash, count once; what no decoder reads is left out, with the reason."
)
SEE_LOSS = "What to see: the loss that is made smaller; it falls and then stays where it is."
SEE_POLICY = "For a network that is trained from scratch: what is ignored here, it should see changed at random."

ADAPT_TERMS = {
    "Labelled images per class": "What the task is given; a fifth of them is kept aside for validation.",
    "Seed": "Draws the labelled images and the start of the fit. The same seed gives the same fit.",
    "Fitted to": (
        "*evidence* is the marginal likelihood of the labels; *joint* is the paper's training loss; *leave-one-out* "
        "and *validation* are errors on images that the head was not fitted to."
    ),
    "Step, Rewind": "One step of the fit; back to its start, with the same images and seed.",
    "Baselines": "Other ways to get a classifier from the same images. Each becomes a line and a row.",
    "Target": "A score that you want to reach: a dotted line in the chart, and the table says who reaches it when.",
}
"""Names of the Adapt page's settings and what they mean."""

NO_COMMAND = (
    "No command repeats this run: its descriptor was moved by hand meanwhile, or it was made with settings that the "
    "command line does not offer."
)

OWN_FOLDER = "FOLDER is the folder or archive of the images, which are not in this file."

DEEPER = {
    "feature maps": "What happens inside",
    "where it looks": "Where does it notice?",
    "control": "Does each slider do what it says?",
    "presets": "Descriptors worth a try",
    "take away": "Take it home",
}
"""Titles of the panels below the curves."""

RESET_KEY, PROJECTOR_KEY = "F2", "F8"
"""Keys that no browser uses, that clickers do not send, and that type nothing."""

GO_TO = "This is about the {page} page. Go there"
REVEAL = "Choose first: a guess that turns out wrong is remembered better than an answer that was only read."
LEARN = (
    "Each lesson takes you to the page that it is about and asks you to **predict** before it shows. The answers are "
    "measured on the model at that moment."
)
TEACH = (
    "Everything is in the address: lesson, step, seed, what is hidden and how large it is. Choose, then hand out the "
    "link or the square code."
)
LOCAL = (
    "This address works on this computer only. For a class, start the dashboard with "
    "`./run.sh --server.address 0.0.0.0`, open it under this computer's name in the network, and make the link there."
)
TEACH_TERMS = {
    "Seed": "draws the other pictures, the labelled images and the start of a fit: the same for the whole class.",
    "Projector mode": "white, large type, thick lines, at most three parts of a page. The key F8 does the same.",
    "Hide": "parts of a page that would distract or give an answer away.",
    "Teacher's sheet": "all lessons with goals, steps, questions and the answers as measured now, to print.",
    "The same as a file": "to hand out where links do not reach; it is opened on this page.",
}
"""Names of the teacher's choices and what they mean."""
DARK_PROJECTOR = (
    "Projector mode wants a white page: choose **Light** in the menu at the top right (⋮, Settings, Theme)."
)
TOUR_OFFER = {
    "text": "New here? A tour of a minute shows where things are.",
    "start": "Start the tour",
    "skip": "No, thanks",
}
TOUR = (
    ("explore.sliders", "**The sliders** set what an extractor ignores. Drag one: the figures follow your hand."),
    ("explore.lineup", "**What is found** under A and B: go they by the thing, or by the change? That is the idea."),
    ("explore.curves", "**The curves** measure it: how far features move while the picture changes, on a fixed scale."),
    ("adapt.fit", "**Adapt** lets a task choose its own setting by gradient descent. Press Play and watch."),
    ("manifold.map", "**Manifold** is a map of all settings. That is all. **Learn** has lessons of some minutes each."),
)
