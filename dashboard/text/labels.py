"""Fixed words of the pages: labels, captions, explanations."""

from __future__ import annotations

from core.axes.transforms import Axis

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
    "A transformation": (
        "A ignores it and B keeps it, at the strength where they differ most for this picture; what you have set by "
        "hand stays as it is."
    ),
    "The thumb below the picture": "Moves the strength of the change; the button beside it plays through all of them.",
    "Walk from A to B": "Shows the extractors in between; A stays as it is until you press Use as A.",
    "A frame of the filmstrip": (
        "Looks it up among the others. The small picture in its corner is what the extractor sees."
    ),
    "The square": "Two coordinates at once; the arrow keys move its point too.",
    "answered in": "The time from your last movement to the drawn answer.",
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
    "live": "answered in",
    "pace": "Time from your last movement to the drawn answer",
    "broken": "The figures follow when you let go:",
}

NEIGHBOURS = {
    "query": "Looking for",
    "near": "Similarity to the picture that is looked for: 1 is the same, 0 is any two pictures",
    "ends": "0 keeps this kind of change, 1 ignores it",
    "keeps": "keeps",
    "ignores": "ignores",
    "strength": "Strength of the {axis}",
    "play": "Play through the strengths",
    "stop": "Stop",
    "walk": "Walk from A to B",
    "walkPlay": "Play the walk from A to B and back",
    "take": "Use as A",
    "collapsed": "tells no pictures apart, so its order means nothing",
}

MARKS = {"object": "●", "change": "◆", "neither": "○"}

FILMSTRIP = {
    "choose": "Look this one up among others",
    "seen": "What the extractor sees: {side} × {side} pixels",
    "key": "Numbers are similarities to the original: 1 is the same, 0 is any two pictures. A click looks a frame up.",
}

CURVES = {
    "mean": "mean",
    "moves": "how far features move",
    "strength": "strength of the {axis}",
    "slider": "A ignores it by",
    "ends": "0 keeps this kind of change, 1 ignores it",
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
MAPS_OF_BRANCH = (
    "These are of the branch, the small network whose weights are generated. What the frozen network beside it tells "
    "goes through gates, and has no maps."
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
    "What to see: how much of a transformation's share each slider takes away on its way from 0 to 1. On the diagonal "
    "(bold) large and green is good, beside it 0 is. Purple, below 0: pushing this slider makes another transformation "
    "count more. Steady is +1 where every step takes more away. The camera in the corner saves the figure as SVG."
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

OPEN_RUN = "Open a run that somebody has saved; the present one stays among the runs of before."

SEE_SCORES = (
    "What to see: the score on images that the head was not fitted to. The dotted line is the target, {target:g}; the "
    "sooner a line crosses it, the faster."
)

SEE_TRACES = (
    "What to see: a coordinate that goes to 1 is a change that this task wants to ignore, to 0 one that it needs."
)

SEE_GRADIENTS = (
    "What to see: gradients that stay near 0 say that the choice has settled, unless a slider is at its end."
)

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
SEE_LOSS = (
    "What to see: the loss of the images of each step, which is made smaller. It jumps where a step looks at a part "
    "of them; which step is kept is decided on all of them."
)

ADAPT_TERMS = {
    "Labelled images per class": "What the task is given; a fifth of them is kept aside for validation.",
    "Seed": "Draws the labelled images and the start of the fit. The same seed gives the same fit.",
    "Fitted to": (
        "*evidence* is the marginal likelihood of the labels; *joint* is the paper's training loss; *leave-one-out* "
        "and *validation* are errors on images that the head was not fitted to."
    ),
    "Speed": "How long the fit waits between two steps, for those who want to watch.",
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


def counted(number: int, noun: str) -> str:
    """A number with its noun, such as "1 file" and "2,000 files"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def strength(axis: Axis, value: float) -> str:
    """How far a picture was changed, as people say it: "twice as large", "turned by 30° clockwise".

    Args:
        axis: the kind of change.
        value: in its unit; 0 is the picture as it was.
    """
    if abs(value) < 1e-9:
        return "unchanged"
    if axis.unit in _TIMES:
        return f"{_times(2.0**value)} {_TIMES[axis.unit]}"
    if axis.unit == "°":
        amount = f"{abs(value):.0f}"
        if axis.warp:
            return f"{axis.moved} by {amount}° {'clockwise' if value > 0 else 'anticlockwise'}"
        return f"{axis.moved} by {'−' if value < 0 else '+'}{amount}°"
    amount, unit = f"{abs(value):.2g}", axis.unit.replace("of width", "of its width")
    if axis.warp:
        return f"{axis.moved} to the {'right' if value > 0 else 'left'} by {amount}\u00a0{unit}"
    return f"{axis.moved} by {'−' if value < 0 else ''}{amount}\u00a0{unit}"


_TIMES = {"octaves": "as large", "stops": "as bright"}
"""Units of which each is a factor of two, and what grows."""


def _times(factor: float) -> str:
    for known, word in ((2.0, "twice"), (0.5, "half")):
        if abs(factor - known) < 0.005 * known:
            return word
    return f"{factor:.2g} times"
