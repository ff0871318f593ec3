"""What every comparison of after with before has to say of itself."""

NO_COMPARISON = (
    "No comparison group: this is the change, not the effect. Whatever else changed at the time is in it, and so is "
    "the fall to be expected where units were chosen because they were high."
)
NO_COMPARISON_OF_PEOPLE = (
    "No comparison group: this is the change, not the effect. Whatever else changed for these people between the two "
    "times is in it."
)
AT_A_CRISIS = (
    "People who came at a crisis, or were picked at their worst, are expected to be better later with no help at all "
    "(regression to the mean): for them part of the change is that."
)
