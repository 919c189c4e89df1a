"""The same mutations chosen by hypothesis, which makes what it finds as small as it can."""

from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.figures import Figures
from tests.fuzz.mutations import altered
from tests.fuzz.seeds import INSIDERS
from tests.fuzz.target import CORPUS, Target, read_corpus


def judge_generated(examples: int) -> Figures:
    """So many inputs, and what became of them. Raises Finding for the smallest that broke a property."""
    corpus = read_corpus([CORPUS])
    target, figures = Target(corpus), Figures("hypothesis")
    names = st.sampled_from(sorted(corpus))

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(begin=st.sampled_from(INSIDERS) | names, other=names, random=st.randoms(use_true_random=False))
    def judge(begin: str, other: str, random: Random) -> None:
        data = altered(corpus[begin], corpus[other], random)
        figures.add(data, target.judge(data))

    judge()
    return figures
