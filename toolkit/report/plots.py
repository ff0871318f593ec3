"""Pictures of panels and answers: each returns its Axes, with a title that says what was found."""

from toolkit.report._plot_bacon import bacon
from toolkit.report._plot_balance import balance
from toolkit.report._plot_counterfactual import counterfactual
from toolkit.report._plot_event_study import event_study
from toolkit.report._plot_forest import forest
from toolkit.report._plot_honest import honest
from toolkit.report._plot_placebos import placebos
from toolkit.report._plot_series import series

__all__ = ["bacon", "balance", "counterfactual", "event_study", "forest", "honest", "placebos", "series"]
